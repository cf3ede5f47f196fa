import { Button, Select, Slider, Switch } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";

import { severities, type Severity } from "../api/alerts";
import { type RuleDetail, useChangeRule } from "../api/rules";
import { Panel } from "../components/Panel";
import { Failed } from "../components/States";
import { useSwitch } from "../components/switch";

/** Switches a rule and sets from where on its findings are alerts, and of which severity. */
export function RuleSettings({ rule }: { rule: RuleDetail }) {
  const [confidence, setConfidence] = useState(Math.round((rule.confidence_min ?? 0) * 100));
  const [severity, setSeverity] = useState<Severity | null>(rule.severity_override ?? null);
  const change = useChangeRule(rule.rule_id);
  const enabled = useSwitch(rule.enabled, async (on) => {
    await change.mutateAsync({ enabled: on });
    notifications.show({ message: on ? "The rule is on." : "The rule is off." });
  });
  const changed = confidence !== Math.round((rule.confidence_min ?? 0) * 100) || severity !== (rule.severity_override ?? null);
  return (
    <Panel title="Settings" about="They hold from the next analysis on; alerts that are there stay as they are.">
      <div className="rule-settings">
        <Switch label={enabled.checked ? "On" : "Off"} description="Off: the rule does not run for your company" {...enabled} />
        <div>
          <div className="rule-label" id="confidence-label">
            Least confidence: {confidence} %
          </div>
          <Slider
            value={confidence}
            onChange={setConfidence}
            min={0}
            max={100}
            step={5}
            label={null}
            aria-labelledby="confidence-label"
            thumbProps={{ "aria-labelledby": "confidence-label" }}
            thumbLabel="Least confidence"
          />
          <div className="panel-about">
            {confidence === 0 ? "Every finding makes an alert." : `Findings below ${confidence} % make no alert.`}
          </div>
        </div>
        <Select
          label="Severity of new alerts"
          allowDeselect={false}
          value={severity ?? ""}
          onChange={(value) => setSeverity(severities.find((one) => one === value) ?? null)}
          data={[{ value: "", label: `the pack’s: ${rule.severity}` }, ...severities.map((value) => ({ value, label: value }))]}
        />
        {change.isError && <Failed error={change.error} />}
        <Button
          size="xs"
          style={{ justifySelf: "start" }}
          disabled={!changed}
          loading={change.isPending}
          onClick={() =>
            // By promise: these settings are drawn anew with what was saved.
            change.mutateAsync({ confidence_min: confidence / 100, severity_override: severity }).then(
              () => notifications.show({ message: "Saved." }),
              () => undefined,
            )
          }
        >
          Save
        </Button>
      </div>
    </Panel>
  );
}

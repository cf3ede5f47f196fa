import { Anchor, Code } from "@mantine/core";
import { Link, useParams } from "react-router";

import { alertsOf } from "../api/alerts";
import { type RuleDetail, useRule } from "../api/rules";
import { useMay } from "../api/session";
import { MarkdownText } from "../components/MarkdownText";
import { Page } from "../components/Page";
import { Panel } from "../components/Panel";
import { SeverityBadge, StateBadge } from "../components/Severity";
import { Failed, Loading } from "../components/States";
import { Tile } from "../components/Tile";
import { Time } from "../components/Time";
import { RuleSettings } from "../rules/RuleSettings";

/** One rule: what it found, what it costs, its settings, runbook and statement. */
export default function RulePage() {
  const ruleId = useParams()["*"] ?? "";
  const rule = useRule(ruleId);
  if (rule.data) return <Shown rule={rule.data} />;
  return (
    <Page title="Rule">
      {rule.isPending && <Loading what="the rule" />}
      {rule.isError && <Failed error={rule.error} retry={() => void rule.refetch()} missing={`There is no rule ${ruleId}.`} />}
      {rule.isError && (
        <Anchor component={Link} to="/rules" size="sm">
          Go to Rules
        </Anchor>
      )}
    </Page>
  );
}

function Shown({ rule }: { rule: RuleDetail }) {
  const may = useMay();
  const count = (value: number | undefined) => (value ?? 0).toLocaleString("en");
  const judged = (rule.fraud ?? 0) + (rule.not_fraud ?? 0);
  return (
    <Page
      title={rule.title}
      back={{ to: "/rules", label: "Rules" }}
      about={rule.description}
      actions={
        <>
          <SeverityBadge severity={rule.severity_override ?? rule.severity} />
          <StateBadge tone={rule.enabled ? "good" : "quiet"}>{rule.enabled ? "on" : "off"}</StateBadge>
        </>
      }
    >
      <div className="tiles">
        <Tile label="Alerts, 30 days" value={count(rule.alerts)} under={`${count(rule.alerts_open)} open`} to={alertsOf(rule.rule_id)} />
        <Tile
          label="Right, of those judged"
          value={judged === 0 ? "–" : `${Math.round((100 * (rule.fraud ?? 0)) / judged)} %`}
          under={`${count(rule.fraud)} fraud, ${count(rule.not_fraud)} not fraud`}
        />
        <Tile label="Last finding" value={rule.last_finding_at ? <Time at={rule.last_finding_at} inherit /> : "–"} />
        <Tile
          label="Cost of a run"
          value={rule.cost ? `${(rule.cost.seconds_mean * 1000).toFixed(0)} ms` : "–"}
          under={
            rule.cost
              ? `at most ${(rule.cost.seconds_max * 1000).toFixed(0)} ms in ${count(rule.cost.runs)} ${rule.cost.runs === 1 ? "run" : "runs"}`
              : "no run in 30 days"
          }
        />
      </div>
      {rule.cost?.last_failure && <Failed error={new Error(`The last failed run: ${rule.cost.last_failure}`)} />}
      <div className="two tops">
        <div className="page-body">
          {may.manage ? (
            <RuleSettings key={`${rule.confidence_min}/${rule.severity_override}`} rule={rule} />
          ) : (
            <p className="panel-about">An admin or owner can switch this rule and set its thresholds.</p>
          )}
          <Panel title="Statement">
            <dl className="facts" style={{ marginBottom: 12 }}>
              <dt>Rule</dt>
              <dd>{rule.rule_id}</dd>
              <dt>Version</dt>
              <dd>{rule.rule_version.slice(0, 12)}</dd>
              <dt>Reads</dt>
              <dd>{rule.sources.join(", ")}</dd>
              {rule.attack_technique && (
                <>
                  <dt>ATT&CK</dt>
                  <dd>{rule.attack_technique}</dd>
                </>
              )}
            </dl>
            <details>
              <summary>SQL</summary>
              <Code block mah={480} className="code" style={{ overflow: "auto", marginTop: 8 }} tabIndex={0}>
                {rule.query_sql}
              </Code>
            </details>
          </Panel>
        </div>
        {rule.runbook && (
          <Panel title="Runbook">
            <MarkdownText text={rule.runbook.replace(/^#[^\n]*\n/, "")} />
          </Panel>
        )}
      </div>
    </Page>
  );
}

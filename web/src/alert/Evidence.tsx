import { Anchor, Button, Code, CopyButton, Text } from "@mantine/core";
import { Link } from "react-router";

import { type AlertDetail, alertsOf } from "../api/alerts";
import { Panel } from "../components/Panel";
import { Time } from "../components/Time";
import { isAboutSetting, subjectText } from "../text/subject";

/** What anyone needs to run the detection again: rule, version, rows, statement, parameters. */
export function Evidence({ alert }: { alert: AlertDetail }) {
  return (
    <Panel title="Evidence" className="order-7">
      <dl className="facts">
        <dt>Rule</dt>
        <dd>
          <Code className="code">{alert.rule_id}</Code>{" "}
          <Anchor component={Link} to={alertsOf(alert.rule_id)} inherit>
            all its alerts
          </Anchor>
        </dd>
        <dt>Version</dt>
        <dd>
          <Code className="code" title={alert.rule_version}>
            {alert.rule_version.slice(0, 12)}
          </Code>
        </dd>
      </dl>
      <Text size="sm" fw={600} mt="md" mb={4}>
        {alert.sightings === 1 ? "Seen once" : `Seen ${alert.sightings} times`}
      </Text>
      <ul className="message-list">
        {alert.sighting_list.map((sighting) => (
          <li key={`${sighting.mailbox_id}/${sighting.provider_message_id}`}>
            {subjectText(sighting.message_subject, alert.rule_id)}{" "}
            <span className="message-about">
              {isAboutSetting(alert.rule_id) ? "of" : "to"} {sighting.subject}, <Time at={sighting.observed_at} span inherit />
            </span>
          </li>
        ))}
      </ul>
      <details>
        <summary>Rows, statement and parameters, to run it again</summary>
        <Block name="Rows" text={JSON.stringify(alert.evidence.rows, null, 2)} />
        <Block name="Parameters" text={JSON.stringify(alert.query_parameters, null, 2)} />
        <Block name="Statement" text={alert.query_sql} />
      </details>
    </Panel>
  );
}

function Block({ name, text }: { name: string; text: string }) {
  return (
    <div style={{ marginTop: 12 }}>
      <div style={{ display: "flex", justifyContent: "space-between", alignItems: "center", marginBottom: 4 }}>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {/* The clipboard is there on secure pages only. */}
        {window.isSecureContext && (
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="subtle" onClick={copy} aria-label={`Copy ${name.toLowerCase()}`}>
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
        )}
      </div>
      <Code block mah={360} className="code" style={{ overflow: "auto" }} tabIndex={0}>
        {text}
      </Code>
    </div>
  );
}

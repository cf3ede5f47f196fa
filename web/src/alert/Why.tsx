import { Anchor } from "@mantine/core";

import type { AlertDetail } from "../api/alerts";
import { MarkdownText } from "../components/MarkdownText";
import { Panel } from "../components/Panel";
import { revealInvisible } from "../text/defang";
import { partRunbook } from "../text/runbook";
import { plainReasons, signalName, signalValue } from "../text/signals";

/** What fired, in words and then signal by signal, and how sure Letterlock is. */
export function Why({ alert }: { alert: AlertDetail }) {
  const percent = Math.round(alert.confidence * 100);
  const { rest } = partRunbook(alert.runbook);
  const reasons = plainReasons(alert.evidence.signals);
  return (
    <Panel title="Why this alert" className="order-1">
      <p className="why-about">{alert.description}</p>
      {reasons.length > 0 && (
        <ul className="why-reasons" aria-label="Reasons">
          {reasons.map((reason, index) => (
            <li key={index}>{revealInvisible(reason)}</li>
          ))}
        </ul>
      )}
      <div className="why-sure">
        <span>Confidence</span>
        <span className="meter" role="img" aria-label={`Confidence ${percent} percent`}>
          <span style={{ width: `${percent}%` }} />
        </span>
        <strong className="numbers">{percent} %</strong>
        {alert.attack_technique && (
          <Anchor
            href={`https://attack.mitre.org/techniques/${alert.attack_technique.replace(".", "/")}/`}
            target="_blank"
            rel="noreferrer"
            size="sm"
            ml="auto"
          >
            ATT&CK {alert.attack_technique}
          </Anchor>
        )}
      </div>
      <details open={reasons.length === 0}>
        <summary>{alert.evidence.signals.length === 1 ? "The signal" : `All ${alert.evidence.signals.length} signals`}</summary>
        <dl className="facts signals" data-testid="signals">
          {alert.evidence.signals.map((signal, index) => [
            <dt key={`name-${index}`}>{signalName(signal.name)}</dt>,
            <dd key={`value-${index}`}>{revealInvisible(signalValue(signal.value))}</dd>,
          ])}
        </dl>
      </details>
      {rest && (
        <details>
          <summary>About this rule</summary>
          <MarkdownText text={rest} />
        </details>
      )}
    </Panel>
  );
}

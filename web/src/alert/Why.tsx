import { Anchor, Progress, Text } from "@mantine/core";
import Markdown from "markdown-to-jsx/react";

import type { AlertDetail } from "../api/alerts";
import { revealInvisible } from "../text/defang";
import { partRunbook } from "../text/runbook";
import { Section } from "./Section";

export const signalName = (name: string) => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
const signalValue = (value: unknown) => revealInvisible(typeof value === "string" ? value : JSON.stringify(value));

/** A runbook's text. It comes with the rule pack; still no HTML in it is rendered. */
export function MarkdownText({ text }: { text: string }) {
  return (
    <Markdown className="markdown" options={{ disableParsingRawHTML: true, forceWrapper: true, forceBlock: true }}>
      {text}
    </Markdown>
  );
}

/** What fired, about whom, and how sure Letterlock is. */
export function Why({ alert }: { alert: AlertDetail }) {
  const percent = Math.round(alert.confidence * 100);
  const { rest } = partRunbook(alert.runbook);
  return (
    <Section title="Why this alert" order={1}>
      <Text size="sm" mb="md" maw="78ch">
        {alert.description}
      </Text>
      <dl className="facts">
        <dt>About</dt>
        <dd>{revealInvisible(alert.entity)}</dd>
        <dt>Concerns</dt>
        <dd>{revealInvisible(alert.subject)}</dd>
        <dt>Confidence</dt>
        <dd style={{ display: "flex", alignItems: "center", gap: 10 }}>
          <span>{percent} %</span>
          <Progress value={percent} w={120} size="sm" aria-label={`Confidence ${percent} percent`} />
        </dd>
        {alert.attack_technique && (
          <>
            <dt>Technique</dt>
            <dd>
              <Anchor
                href={`https://attack.mitre.org/techniques/${alert.attack_technique.replace(".", "/")}/`}
                target="_blank"
                rel="noreferrer"
                inherit
              >
                ATT&CK {alert.attack_technique}
              </Anchor>
            </dd>
          </>
        )}
      </dl>
      <Text size="sm" fw={600} mt="lg" mb={6}>
        Signals
      </Text>
      <dl className="facts signals" data-testid="signals">
        {alert.evidence.signals.map((signal, index) => [
          <dt key={`name-${index}`}>{signalName(signal.name)}</dt>,
          <dd key={`value-${index}`}>{signalValue(signal.value)}</dd>,
        ])}
      </dl>
      {rest && (
        <details style={{ marginTop: 12 }}>
          <summary>About this rule</summary>
          <div style={{ marginTop: 8 }}>
            <MarkdownText text={rest} />
          </div>
        </details>
      )}
    </Section>
  );
}

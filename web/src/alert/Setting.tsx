import { Alert, Code, Stack, Text } from "@mantine/core";

import { type MailboxSetting } from "../api/alerts";
import { defangText, revealInvisible } from "../text/defang";
import { settingConditions, settingEffects, settingKind } from "../text/setting";
import { fullTime } from "../text/time";

const shown = (text: string) => revealInvisible(defangText(text));

/** A mailbox setting that an alert is about, the newest row first. */
export function SettingHistory({ history }: { history: MailboxSetting[] }) {
  return (
    <Stack gap="md">
      <Alert color="blue" p="xs">
        This alert is about a setting of the mailbox, not about a message.
      </Alert>
      {history.map((setting, index) => (
        <SettingFacts key={setting.valid_from} setting={setting} isNewest={index === 0} />
      ))}
    </Stack>
  );
}

function SettingFacts({ setting, isNewest }: { setting: MailboxSetting; isNewest: boolean }) {
  const effects = settingEffects(setting);
  const facts: [string, string][] = [
    ["Kind", settingKind(setting)],
    ["Name", shown(setting.name) || (setting.kind === "rule" ? "no name" : "")],
    ["Applies to", shown(settingConditions(setting))],
    ["Does", effects.length > 0 ? shown(effects.join("; ")) : "what its definition says"],
    ["Switched on", setting.is_enabled ? "yes" : "no"],
    ["Seen first", fullTime(setting.valid_from) + (setting.is_baseline ? ", when the mailbox was read first: it may be older" : "")],
    ["Until", setting.valid_to ? fullTime(setting.valid_to) : "it still holds"],
  ];
  return (
    <div data-testid={isNewest ? "setting" : undefined}>
      {!isNewest && (
        <Text size="sm" fw={600} mb={4}>
          Before
        </Text>
      )}
      <dl className="facts">
        {facts.filter(([, value]) => value).map(([name, value]) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
      </dl>
      <details>
        <summary>As the provider gives it</summary>
        <Code block mah={360} className="code" style={{ overflow: "auto", marginTop: 8 }} tabIndex={0}>
          {shown(setting.definition)}
        </Code>
      </details>
    </div>
  );
}

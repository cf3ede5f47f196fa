import { Anchor, Code, Group, Paper, Text } from "@mantine/core";
import { IconRuler2 } from "@tabler/icons-react";
import { Link } from "react-router";

import { alertsOf } from "../api/alerts";
import { useRules } from "../api/operations";
import { Page } from "../components/Page";
import { SeverityBadge, StateBadge } from "../components/Severity";
import { Empty, Failed, Loading } from "../components/States";

export default function Rules() {
  const rules = useRules();
  return (
    <Page title="Rules" about="What looks at your company’s mail. Each rule is one SQL file of the rule pack.">
      {rules.isPending && <Loading what="rules" />}
      {rules.isError && <Failed error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && (
        <Paper withBorder className="panel">
          {rules.data.rules.length === 0 ? (
            <Empty icon={<IconRuler2 size={40} stroke={1.2} aria-hidden />} title="No rules are loaded">
              The operator should check that Letterlock finds its folder “rules”.
            </Empty>
          ) : (
            <ul className="cards">
              {rules.data.rules.map((rule) => (
                <li key={rule.rule_id}>
                  <Group gap="xs" mb={4}>
                    <SeverityBadge severity={rule.severity} />
                    <Text fw={600} size="sm">
                      {rule.title}
                    </Text>
                    {!rule.enabled && <StateBadge tone="quiet">off</StateBadge>}
                  </Group>
                  <Text size="sm" maw="80ch">
                    {rule.description}
                  </Text>
                  <Group gap="sm" mt={6}>
                    <Code className="code">{rule.rule_id}</Code>
                    <Anchor component={Link} to={alertsOf(rule.rule_id)} size="xs" aria-label={`Alerts of ${rule.title}`}>
                      Alerts
                    </Anchor>
                    {rule.attack_technique && (
                      <Text size="xs" c="dimmed">
                        ATT&CK {rule.attack_technique}
                      </Text>
                    )}
                  </Group>
                </li>
              ))}
            </ul>
          )}
        </Paper>
      )}
    </Page>
  );
}

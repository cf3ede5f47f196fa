import { Code, Paper, Stack, Table, Text, Title } from "@mantine/core";

import { useRules } from "../api/connections";
import { SeverityBadge } from "../components/Severity";
import { Failed, Loading } from "../components/States";

export function Rules() {
  const rules = useRules();
  return (
    <Stack gap="md" maw={1000}>
      <Title order={1} size="h2">
        Rules
      </Title>
      {rules.isPending && <Loading what="rules" />}
      {rules.isError && <Failed error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && (
        <Paper withBorder>
          <Table verticalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={92}>Severity</Table.Th>
                <Table.Th>Rule</Table.Th>
                <Table.Th visibleFrom="sm" w={130}>
                  ATT&CK
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rules.data.rules.map((rule) => (
                <Table.Tr key={rule.rule_id}>
                  <Table.Td style={{ verticalAlign: "top" }}>
                    <SeverityBadge severity={rule.severity} />
                  </Table.Td>
                  <Table.Td>
                    <Text size="sm" fw={600}>
                      {rule.title}
                    </Text>
                    <Text size="sm" c="dimmed">
                      {rule.description}
                    </Text>
                    <Code>{rule.rule_id}</Code>
                  </Table.Td>
                  <Table.Td visibleFrom="sm" style={{ verticalAlign: "top" }}>
                    <Text size="sm" ff="monospace">
                      {rule.attack_technique}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Paper>
      )}
    </Stack>
  );
}

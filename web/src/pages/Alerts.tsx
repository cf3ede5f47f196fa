import { Box, Button, Group, Paper, SegmentedControl, Select, Stack, Table, Text, Title } from "@mantine/core";
import { IconInbox } from "@tabler/icons-react";
import { useNavigate, useSearchParams } from "react-router";

import { type Alert, type AlertStatus, type Severity, useAlerts } from "../api/alerts";
import { SeverityBadge, StatusBadge, statusText } from "../components/Severity";
import { Empty, Failed, Loading } from "../components/States";
import { Time } from "../components/Time";

const statuses: AlertStatus[] = ["open", "in_progress", "resolved", "dismissed"];
const severities: Severity[] = ["critical", "high", "medium", "low"];

export function Alerts() {
  // The filter lives in the address, so that it can be shared and survives a reload.
  const [search, setSearch] = useSearchParams();
  const status = statuses.find((known) => known === search.get("status"));
  const severity = severities.find((known) => known === search.get("severity"));
  const alerts = useAlerts({ ...(status ? { status } : {}), ...(severity ? { severity } : {}) });

  const set = (name: string, value: string | null) =>
    setSearch((old) => {
      const next = new URLSearchParams(old);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  const rows = alerts.data?.pages.flatMap((page) => page.alerts) ?? [];

  return (
    <Stack gap="md">
      <Group justify="space-between" align="end">
        <Title order={1} size="h2">
          Alerts
        </Title>
        <Group gap="sm">
          <SegmentedControl
            aria-label="Status"
            size="xs"
            value={status ?? "all"}
            onChange={(value) => set("status", value === "all" ? null : value)}
            data={[{ value: "all", label: "all" }, ...statuses.map((value) => ({ value, label: statusText(value) }))]}
          />
          <Select aria-label="Severity" placeholder="any severity" size="xs" w={140} clearable value={severity ?? null} onChange={(value) => set("severity", value)} data={severities} />
        </Group>
      </Group>

      {alerts.isPending && <Loading what="alerts" />}
      {alerts.isError && <Failed error={alerts.error} retry={() => void alerts.refetch()} />}
      {alerts.data && rows.length === 0 && (
        <Paper withBorder>
          <Empty icon={<IconInbox size={40} stroke={1.2} />} title={status || severity ? "No alert matches this filter" : "No alerts yet"}>
            {status || severity ? (
              <Button variant="light" size="xs" onClick={() => setSearch({})}>
                Show all alerts
              </Button>
            ) : (
              <>The first ones appear minutes after a connection has read mail. Look at Connections to see how far the reading is.</>
            )}
          </Empty>
        </Paper>
      )}
      {rows.length > 0 && <AlertTable alerts={rows} />}
      {alerts.hasNextPage && (
        <Button variant="default" loading={alerts.isFetchingNextPage} onClick={() => void alerts.fetchNextPage()} mx="auto">
          Show more
        </Button>
      )}
    </Stack>
  );
}

function AlertTable({ alerts }: { alerts: Alert[] }) {
  const navigate = useNavigate();
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={340}>
        <Table highlightOnHover verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={92}>Severity</Table.Th>
              <Table.Th>Alert</Table.Th>
              <Table.Th visibleFrom="md">Subject</Table.Th>
              <Table.Th visibleFrom="sm" w={110}>
                Status
              </Table.Th>
              <Table.Th visibleFrom="sm" w={120} ta="right">
                Last seen
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {alerts.map((alert) => (
              <Table.Tr
                key={alert.alert_id}
                className="alert-row"
                tabIndex={0}
                role="link"
                aria-label={`${alert.severity}: ${alert.title}, ${alert.entity}`}
                onClick={() => void navigate(`/alerts/${alert.alert_id}`)}
                onKeyDown={(event) => event.key === "Enter" && void navigate(`/alerts/${alert.alert_id}`)}
              >
                <Table.Td>
                  <SeverityBadge severity={alert.severity} />
                </Table.Td>
                <Table.Td>
                  <Text size="sm" fw={600}>
                    {alert.title}
                  </Text>
                  <Text size="xs" c="dimmed" className="breakable">
                    {alert.entity} → {alert.subject}
                    {alert.sightings > 1 && ` · ${alert.sightings} messages`}
                  </Text>
                  <Box hiddenFrom="sm">
                    <Time at={alert.last_seen_at} size="xs" c="dimmed" />
                  </Box>
                </Table.Td>
                <Table.Td visibleFrom="md" maw={320}>
                  <Text size="sm" truncate>
                    {alert.message_subject}
                  </Text>
                </Table.Td>
                <Table.Td visibleFrom="sm">
                  <StatusBadge status={alert.status} />
                </Table.Td>
                <Table.Td visibleFrom="sm" ta="right">
                  <Time at={alert.last_seen_at} size="sm" c="dimmed" />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

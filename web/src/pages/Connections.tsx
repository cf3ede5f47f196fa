import { Badge, Button, Collapse, Group, Paper, Stack, Table, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlugConnected, IconRefresh } from "@tabler/icons-react";

import { type Connection, useConnection, useConnections, useSyncNow } from "../api/connections";
import { Empty, Failed, Loading } from "../components/States";
import { Time } from "../components/Time";

const providers: Record<string, string> = { google: "Google Workspace", microsoft: "Microsoft 365", archive: "Imported mail" };
const stateColors: Record<string, string> = { active: "teal", syncing: "blue", broken: "red", paused: "gray" };

export function Connections() {
  const connections = useConnections();
  return (
    <Stack gap="md" maw={1000}>
      <Title order={1} size="h2">
        Connections
      </Title>
      {connections.isPending && <Loading what="connections" />}
      {connections.isError && <Failed error={connections.error} retry={() => void connections.refetch()} />}
      {connections.data?.connections.length === 0 && (
        <Paper withBorder>
          <Empty icon={<IconPlugConnected size={40} stroke={1.2} />} title="No connection yet">
            Letterlock reads mail through a connection to Google Workspace or Microsoft 365. The operator adds one with “letterlock connection create”.
          </Empty>
        </Paper>
      )}
      {connections.data?.connections.map((connection) => <ConnectionCard key={connection.connection_id} connection={connection} />)}
    </Stack>
  );
}

function ConnectionCard({ connection }: { connection: Connection }) {
  const [open, { toggle }] = useDisclosure();
  const syncNow = useSyncNow();
  return (
    <Paper withBorder p="md" component="section" aria-label={connection.name}>
      <Group justify="space-between" align="start">
        <div>
          <Group gap="xs">
            <Title order={2} size="h4">
              {connection.name}
            </Title>
            <Badge color={stateColors[connection.state] ?? "gray"} variant="light" radius="sm">
              {connection.state}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {providers[connection.provider] ?? connection.provider}
            {connection.last_sync_at ? (
              <>
                {" · read "}
                <Time at={connection.last_sync_at} span />
              </>
            ) : (
              " · not read yet"
            )}
          </Text>
          {connection.state_reason && (
            <Text size="sm" c={connection.state === "broken" ? "red" : "dimmed"} mt={4} className="breakable">
              {connection.state_reason}
            </Text>
          )}
        </div>
        <Group gap="xs">
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} loading={syncNow.isPending} onClick={() => syncNow.mutate(connection.connection_id)}>
            Sync now
          </Button>
          <Button size="xs" variant="subtle" onClick={toggle} aria-expanded={open}>
            {open ? "Hide mailboxes" : "Mailboxes"}
          </Button>
        </Group>
      </Group>
      {syncNow.isError && <Failed error={syncNow.error} />}
      <Group gap="xl" mt="md">
        <Count label="mailboxes" value={connection.mailboxes_total} />
        <Count label="caught up" value={connection.mailboxes_caught_up} />
        <Count label="messages stored" value={connection.messages_stored} />
        <Count label="set aside" value={connection.messages_set_aside} />
      </Group>
      <Collapse expanded={open}>{open && <Mailboxes connectionId={connection.connection_id} />}</Collapse>
    </Paper>
  );
}

function Count({ label, value }: { label: string; value: number }) {
  return (
    <div>
      <Text fw={600}>{value.toLocaleString("en")}</Text>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
    </div>
  );
}

function Mailboxes({ connectionId }: { connectionId: string }) {
  const connection = useConnection(connectionId, true);
  if (connection.isPending) return <Loading what="mailboxes" />;
  if (connection.isError) return <Failed error={connection.error} retry={() => void connection.refetch()} />;
  if (connection.data.mailboxes.length === 0)
    return (
      <Text size="sm" c="dimmed" mt="md">
        No mailbox is known yet; the first sync lists them.
      </Text>
    );
  return (
    <Table.ScrollContainer minWidth={320} mt="md">
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Mailbox</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th ta="right">Stored</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              Set aside
            </Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              Read
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {connection.data.mailboxes.map((mailbox) => (
            <Table.Tr key={mailbox.mailbox_id}>
              <Table.Td className="breakable">{mailbox.address}</Table.Td>
              <Table.Td>
                <Text size="sm" c={mailbox.state === "active" ? undefined : "orange"}>
                  {mailbox.state === "active" ? (mailbox.caught_up ? "caught up" : "reading") : mailbox.state.replace("_", " ")}
                </Text>
                {mailbox.reason && (
                  <Text size="xs" c="dimmed">
                    {mailbox.reason}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right">{mailbox.messages_stored.toLocaleString("en")}</Table.Td>
              <Table.Td ta="right" visibleFrom="sm">
                {mailbox.messages_set_aside.toLocaleString("en")}
              </Table.Td>
              <Table.Td ta="right" visibleFrom="sm">
                {mailbox.updated_at && <Time at={mailbox.updated_at} size="sm" c="dimmed" />}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

import { Box, Table, Text } from "@mantine/core";

import { type Mailbox, useConnection } from "../api/connections";
import { StateBadge } from "../components/Severity";
import { Failed, Loading } from "../components/States";
import { Time } from "../components/Time";

export function Mailboxes({ connectionId }: { connectionId: string }) {
  const connection = useConnection(connectionId);
  if (connection.isPending) return <Loading what="mailboxes" />;
  if (connection.isError) return <Failed error={connection.error} retry={() => void connection.refetch()} />;
  if (connection.data.mailboxes.length === 0)
    return (
      <Text size="sm" c="dimmed" mt="xs">
        No mailbox is known yet; the first sync lists them.
      </Text>
    );
  return (
    <Table verticalSpacing={8} mt="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Mailbox</Table.Th>
          <Table.Th visibleFrom="sm">State</Table.Th>
          <Table.Th w={90} ta="right">
            Stored
          </Table.Th>
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
            <Table.Td className="breakable">
              {mailbox.address}
              <Box hiddenFrom="sm" mt={4}>
                <MailboxState mailbox={mailbox} />
              </Box>
              {mailbox.reason && (
                <Text size="xs" c="dimmed" className="breakable">
                  {mailbox.reason}
                </Text>
              )}
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <MailboxState mailbox={mailbox} />
            </Table.Td>
            <Table.Td ta="right">{mailbox.messages_stored.toLocaleString("en")}</Table.Td>
            <Table.Td ta="right" visibleFrom="sm">
              {mailbox.messages_set_aside.toLocaleString("en")}
            </Table.Td>
            <Table.Td ta="right" visibleFrom="sm">
              {mailbox.updated_at ? <Time at={mailbox.updated_at} size="sm" c="dimmed" /> : "not yet"}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function MailboxState({ mailbox }: { mailbox: Mailbox }) {
  if (mailbox.state === "active")
    return mailbox.caught_up ? <StateBadge tone="good">caught up</StateBadge> : <StateBadge tone="working">reading</StateBadge>;
  return <StateBadge tone={mailbox.state === "failed" ? "bad" : "quiet"}>{mailbox.state.replaceAll("_", " ")}</StateBadge>;
}

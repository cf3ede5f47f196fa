import { Alert, Button, Group, Paper, Progress, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronUp, IconRefresh } from "@tabler/icons-react";

import { type Connection, useSyncNow } from "../api/connections";
import { useMay } from "../api/session";
import { StateBadge, type Tone } from "../components/Severity";
import { Failed } from "../components/States";
import { Time } from "../components/Time";
import { Mailboxes } from "./Mailboxes";

export const providers: Record<Connection["provider"], string> = {
  google: "Google Workspace",
  microsoft: "Microsoft 365",
  archive: "Imported mail",
};
const tones: Record<Connection["state"], Tone> = { active: "good", syncing: "working", broken: "bad", paused: "quiet" };

export function ConnectionCard({ connection }: { connection: Connection }) {
  const [open, { toggle }] = useDisclosure();
  const syncNow = useSyncNow();
  const may = useMay();
  return (
    <Paper withBorder p="md" component="section" aria-label={connection.name} className="panel">
      <Group justify="space-between" align="start" gap="sm">
        <div>
          <Group gap="xs">
            <Title order={2} size="h4" className="breakable">
              {connection.name}
            </Title>
            <StateBadge tone={tones[connection.state]}>{connection.state}</StateBadge>
          </Group>
          <Text size="sm" c="dimmed">
            {providers[connection.provider]},{" "}
            {connection.last_sync_at ? (
              <>
                read <Time at={connection.last_sync_at} span inherit />
              </>
            ) : (
              "not read yet"
            )}
          </Text>
        </div>
        {may.act && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden />}
            loading={syncNow.isPending}
            onClick={() => syncNow.mutate(connection.connection_id)}
          >
            Sync now
          </Button>
        )}
      </Group>
      {connection.state_reason && (
        <Alert
          color={connection.state === "broken" ? "red" : "gray"}
          mt="sm"
          p="sm"
          title={connection.state === "broken" ? "Reading has stopped" : undefined}
        >
          <span className="breakable">{connection.state_reason}</span>
        </Alert>
      )}
      {syncNow.isError && <Failed error={syncNow.error} />}
      {syncNow.isSuccess && (
        <Text size="sm" c="dimmed" mt="xs" role="status">
          A job is queued or runs already; it appears under Jobs.
        </Text>
      )}
      {connection.state === "syncing" && <Reading connection={connection} />}
      <div className="counts">
        <Count label="mailboxes" value={connection.mailboxes_total} />
        <Count label="caught up" value={connection.mailboxes_caught_up} />
        <Count label="messages stored" value={connection.messages_stored} />
        <Count label="set aside" value={connection.messages_set_aside} />
      </div>
      <Button
        mt="sm"
        ml={-8}
        size="compact-sm"
        variant="subtle"
        onClick={toggle}
        aria-expanded={open}
        rightSection={open ? <IconChevronUp size={14} aria-hidden /> : <IconChevronDown size={14} aria-hidden />}
      >
        {open ? "Hide mailboxes" : "Show mailboxes"}
      </Button>
      {open && <Mailboxes connectionId={connection.connection_id} />}
    </Paper>
  );
}

/** How far a first sync is. Its length is known once the mailboxes are listed. */
function Reading({ connection }: { connection: Connection }) {
  const listed = connection.mailboxes_total > 0;
  const percent = listed ? Math.round((100 * connection.mailboxes_caught_up) / connection.mailboxes_total) : 100;
  const text = listed
    ? `${connection.mailboxes_caught_up} of ${connection.mailboxes_total} mailboxes are read to the end`
    : "Listing the company’s mailboxes";
  return (
    <div style={{ marginTop: 14 }}>
      <Progress value={percent} striped={!listed} animated={!listed} size="md" aria-label={text} />
      <Text size="xs" c="dimmed" mt={4}>
        {text}. The first alerts come while reading goes on.
      </Text>
    </div>
  );
}

function Count({ label, value }: { label: string; value: number }) {
  return (
    <div>
      <Text fw={600} size="lg" lh={1.3}>
        {value.toLocaleString("en")}
      </Text>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
    </div>
  );
}

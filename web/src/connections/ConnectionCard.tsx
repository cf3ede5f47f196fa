import { Alert, Anchor, Button, Progress } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { Link } from "react-router";

import { type Connection, useSyncNow } from "../api/connections";
import { useMay } from "../api/session";
import { Panel } from "../components/Panel";
import { StateBadge, type Tone } from "../components/Severity";
import { Failed } from "../components/States";
import { Time } from "../components/Time";
import { providers } from "./providers";

export const connectionTones: Record<Connection["state"], Tone> = {
  active: "good",
  syncing: "working",
  stalled: "bad",
  broken: "bad",
  paused: "quiet",
};

/** One connection in the list: its state, how far reading is, and the way to its page. */
export function ConnectionCard({ connection }: { connection: Connection }) {
  const syncNow = useSyncNow();
  const may = useMay();
  const page = `/connections/${connection.connection_id}`;
  return (
    <Panel
      title={connection.name}
      about={
        <>
          {providers[connection.provider]},{" "}
          {connection.last_sync_at ? (
            <>
              read <Time at={connection.last_sync_at} span inherit />
            </>
          ) : (
            "not read yet"
          )}
        </>
      }
      actions={
        <div className="page-actions">
          <StateBadge tone={connectionTones[connection.state]}>{connection.state}</StateBadge>
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
        </div>
      }
    >
      <StateReason connection={connection} />
      {syncNow.isError && <Failed error={syncNow.error} />}
      {syncNow.isSuccess && (
        <p className="panel-about" role="status">
          A job is queued or runs already; it appears under Jobs.
        </p>
      )}
      {connection.state === "syncing" && <Reading connection={connection} />}
      <Counts connection={connection} />
      <Anchor component={Link} to={page} size="sm">
        Mailboxes, jobs and settings
      </Anchor>
    </Panel>
  );
}

export function StateReason({ connection }: { connection: Connection }) {
  if (!connection.state_reason) return null;
  const title = stopped(connection);
  return (
    <Alert color={title ? "red" : "gray"} mb="sm" p="sm" title={title}>
      <span className="breakable">{connection.state_reason}</span>
    </Alert>
  );
}

function stopped({ state, state_code }: Connection): string | undefined {
  if (state !== "broken" && state !== "stalled") return undefined;
  if (state_code === "disk_full") return "No mail is stored: the disk is full";
  if (state_code === "damaged_file") return "Reading has stopped: the mail store is damaged";
  return state === "broken" ? "Reading has stopped" : "The last reading failed and is tried again";
}

/** How far a first sync is. Its length is known once the mailboxes are listed. */
export function Reading({ connection }: { connection: Connection }) {
  const listed = connection.mailboxes_total > 0;
  const percent = listed ? Math.round((100 * connection.mailboxes_caught_up) / connection.mailboxes_total) : 100;
  const text = listed
    ? `${connection.mailboxes_caught_up.toLocaleString("en")} of ${connection.mailboxes_total.toLocaleString("en")} mailboxes are read to the end`
    : "Listing the company’s mailboxes";
  return (
    <div className="reading">
      <Progress value={percent} striped={!listed} animated={!listed} size="md" aria-label={text} />
      <span className="panel-about">{text}. Alerts come while reading goes on.</span>
    </div>
  );
}

export function Counts({ connection }: { connection: Connection }) {
  const counts: [string, number][] = [
    ["mailboxes", connection.mailboxes_total],
    ["caught up", connection.mailboxes_caught_up],
    ["messages stored", connection.messages_stored],
    ["set aside", connection.messages_set_aside],
  ];
  return (
    <div className="counts">
      {counts.map(([label, value]) => (
        <div key={label}>
          <strong>{value.toLocaleString("en")}</strong>
          <span>{label}</span>
        </div>
      ))}
    </div>
  );
}

import "../connections/connections.css";

import { Anchor, Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { Link, useParams } from "react-router";

import { type ConnectionDetail, useConnection, useSyncNow } from "../api/connections";
import { offers } from "../api/offered";
import { useMay } from "../api/session";
import { Page } from "../components/Page";
import { Panel } from "../components/Panel";
import { StateBadge } from "../components/Severity";
import { Failed, Loading } from "../components/States";
import { Time } from "../components/Time";
import { connectionTones, Counts, Reading, StateReason } from "../connections/ConnectionCard";
import { Jobs } from "../connections/Jobs";
import { MailboxTable } from "../connections/Mailboxes";
import { providers } from "../connections/providers";
import { SettingsPanel, TestPanel } from "../connections/Settings";
import { durationText } from "../text/duration";

/** One connection: how far each mailbox is, what went on, and its settings. */
export default function ConnectionPage() {
  const { connectionId = "" } = useParams();
  const connection = useConnection(connectionId);
  return (
    <>
      {connection.isPending && <Loading what="the connection" />}
      {connection.isError && (
        <Page title="Connection">
          <Failed error={connection.error} retry={() => void connection.refetch()} />
          <Anchor component={Link} to="/connections" size="sm">
            Go to Connections
          </Anchor>
        </Page>
      )}
      {connection.data && <Shown connection={connection.data} />}
    </>
  );
}

function Shown({ connection }: { connection: ConnectionDetail }) {
  const syncNow = useSyncNow();
  const may = useMay();
  const manages = may.manage && offers("change_connection");
  const total = connection.mailboxes_total;
  return (
    <Page
      title={connection.name}
      back={{ to: "/connections", label: "Connections" }}
      about={
        <>
          {providers[connection.provider]}
          {connection.last_sync_at && (
            <>
              , read <Time at={connection.last_sync_at} span inherit />
            </>
          )}
          {connection.interval_seconds && `, every ${durationText(connection.interval_seconds)}`}
        </>
      }
      actions={
        <>
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
        </>
      }
    >
      <StateReason connection={connection} />
      {syncNow.isError && <Failed error={syncNow.error} />}
      <div className="two">
        <Panel title="Progress">
          {connection.state === "syncing" && <Reading connection={connection} />}
          <Counts connection={connection} />
          {connection.next_due_at && connection.state !== "paused" && (
            <span className="panel-about">
              Next sync <Time at={connection.next_due_at} span inherit />
              {connection.active_job && `; a job is ${connection.active_job.state}`}
            </span>
          )}
        </Panel>
        {manages && offers("test_connection") && <TestPanel connectionId={connection.connection_id} />}
      </div>
      <Panel
        title="Mailboxes"
        flush={connection.mailboxes.length > 0}
        actions={
          offers("list_mailboxes") &&
          total > 0 && (
            <Anchor component={Link} to={`/mailboxes?connection_id=${connection.connection_id}`} size="sm">
              Search in {total.toLocaleString("en")}
            </Anchor>
          )
        }
      >
        {connection.mailboxes.length === 0 ? (
          <span className="panel-about">No mailbox is known yet; the first sync lists them.</span>
        ) : (
          <div className="mailboxes-part">
            <MailboxTable mailboxes={connection.mailboxes.slice(0, mailboxesShownMax)} />
            {total > mailboxesShownMax && (
              <p className="more-behind">
                The first {mailboxesShownMax} of {total.toLocaleString("en")} are shown.
              </p>
            )}
          </div>
        )}
      </Panel>
      <Jobs connections={[connection]} connectionId={connection.connection_id} />
      {manages && <SettingsPanel connection={connection} />}
    </Page>
  );
}

/** More are found by Mailboxes, which reads page by page. */
const mailboxesShownMax = 100;

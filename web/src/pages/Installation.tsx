import { Alert } from "@mantine/core";
import { IconClipboardList } from "@tabler/icons-react";

import { offers } from "../api/offered";
import { type Installation as Health, useInstallation, useInstallationAuditLog, useTenants } from "../api/tenants";
import { AuditTable } from "../components/AuditTable";
import { DataTable } from "../components/DataTable";
import { More } from "../components/More";
import { Page } from "../components/Page";
import { Panel } from "../components/Panel";
import { Empty, Failed, Loading } from "../components/States";
import { Tile } from "../components/Tile";
import { Time } from "../components/Time";
import { behindText } from "../text/behind";
import { sizeText } from "../text/size";
import { storageTexts, storageTitles } from "../text/storage";

/** How the whole installation is: tenants, queues, and what operators did. */
export default function Installation() {
  const health = useInstallation();
  const tenants = useTenants().data?.tenants ?? [];
  const troubled = tenants.filter(({ connections_broken }) => connections_broken).length;
  return (
    <Page title="Health" about="Over all tenants of this installation.">
      {health.isPending && <Loading what="the installation’s health" />}
      {health.isError && <Failed error={health.error} retry={() => void health.refetch()} />}
      {health.data && (
        <>
          <Storage health={health.data} />
          <div className="tiles">
            <Tile
              label="Tenants"
              value={health.data.tenants.toLocaleString("en")}
              under={`${health.data.tenants_suspended.toLocaleString("en")} suspended`}
              to="/tenants"
            />
            <Tile
              label="With a broken or stalled connection"
              value={troubled.toLocaleString("en")}
              under={troubled === 0 ? "all connections work" : "their admins see the reason"}
              to="/tenants"
            />
            <Tile
              label="Dead jobs"
              value={health.data.queues.reduce((sum, queue) => sum + queue.dead, 0).toLocaleString("en")}
              under="given up, to be replayed"
              to={offers("list_installation_jobs") ? "/jobs?state=dead" : undefined}
            />
            <Tile
              label="Analysis behind"
              value={health.data.rows_behind.toLocaleString("en")}
              under={
                health.data.rows_behind === 0
                  ? "all stored mail is judged"
                  : `${health.data.tenants_behind.toLocaleString("en")} tenants: ${behindText(health.data.rows_behind, health.data.analysis_behind_since)}`
              }
            />
          </div>
          <Queues health={health.data} />
        </>
      )}
      {offers("list_installation_audit_log") && <Audit />}
    </Page>
  );
}

/** The disk of the mail store, as storage last told it; in red where mail is not stored. */
function Storage({ health }: { health: Health }) {
  const { state, free_bytes, used_bytes, reserve_bytes, reported_at } = health.storage;
  const facts = [
    free_bytes !== undefined && `${sizeText(free_bytes)} free`,
    used_bytes !== undefined && `${sizeText(used_bytes)} used`,
    reserve_bytes !== undefined && `${sizeText(reserve_bytes)} reserve`,
  ].filter(Boolean);
  return (
    <Alert
      color={state === "ok" || state === "unknown" ? "gray" : "red"}
      variant={state === "ok" ? "default" : "light"}
      mb="md"
      title={state === "ok" ? "The mail store can be read and written" : storageTitles[state]}
      role={state === "ok" ? undefined : "alert"}
    >
      {state !== "ok" && `${storageTexts[state]} `}
      {facts.length > 0 && `${facts.join(", ")}. `}
      {reported_at ? (
        <>
          Last told <Time at={reported_at} span inherit />.
        </>
      ) : (
        "Storage has never reported."
      )}
    </Alert>
  );
}

function Queues({ health }: { health: Health }) {
  const count = (value: number) => value.toLocaleString("en");
  return (
    <Panel title="Queues" about="Jobs by kind" flush>
      <DataTable
        label="Queues"
        rows={health.queues}
        rowKey={({ kind }) => kind}
        columns={[
          { name: "Kind", unlabelled: true, cell: ({ kind }) => <span className="table-main">{kind}</span> },
          { name: "To be done now", align: "end", cell: ({ queued }) => count(queued) },
          {
            name: "Oldest",
            align: "end",
            narrow: true,
            cell: ({ oldest_queued_at }) => (oldest_queued_at ? <Time at={oldest_queued_at} inherit /> : ""),
          },
          { name: "For later", align: "end", cell: ({ waiting }) => count(waiting) },
          { name: "Running", align: "end", cell: ({ running }) => count(running) },
          { name: "Done in the last hour", align: "end", cell: ({ done_last_hour }) => count(done_last_hour) },
          { name: "Dead", align: "end", cell: ({ dead }) => count(dead) },
        ]}
      />
    </Panel>
  );
}

function Audit() {
  const log = useInstallationAuditLog();
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Panel title="What operators did" flush={entries.length > 0}>
      {log.isError && <Failed error={log.error} retry={() => void log.refetch()} />}
      {log.data && entries.length === 0 && <Empty icon={<IconClipboardList size={34} stroke={1.3} aria-hidden />} title="Nothing yet" />}
      {entries.length > 0 && <AuditTable entries={entries} />}
      <More list={log} what="entries" />
    </Panel>
  );
}

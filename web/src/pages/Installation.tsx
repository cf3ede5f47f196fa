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

/** How the whole installation is: tenants, queues, and what operators did. */
export default function Installation() {
  const health = useInstallation();
  const tenants = useTenants().data?.tenants ?? [];
  const broken = tenants.filter(({ connections_broken }) => connections_broken).length;
  return (
    <Page title="Health" about="Over all tenants of this installation.">
      {health.isPending && <Loading what="the installation’s health" />}
      {health.isError && <Failed error={health.error} retry={() => void health.refetch()} />}
      {health.data && (
        <>
          <div className="tiles">
            <Tile
              label="Tenants"
              value={health.data.tenants.toLocaleString("en")}
              under={`${health.data.tenants_suspended.toLocaleString("en")} suspended`}
              to="/tenants"
            />
            <Tile
              label="With a broken connection"
              value={broken.toLocaleString("en")}
              under={broken === 0 ? "all connections work" : "their admins see the reason"}
              to="/tenants"
            />
            <Tile
              label="Dead jobs"
              value={health.data.queues.reduce((sum, queue) => sum + queue.dead, 0).toLocaleString("en")}
              under="given up, to be replayed"
              to={offers("list_installation_jobs") ? "/jobs?state=dead" : undefined}
            />
          </div>
          <Queues health={health.data} />
        </>
      )}
      {offers("list_installation_audit_log") && <Audit />}
    </Page>
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

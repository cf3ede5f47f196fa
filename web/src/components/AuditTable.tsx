import type { AuditEntry } from "../api/people";
import { DataTable } from "./DataTable";
import { fullTime } from "../text/time";

/** Who did what to what, the newest first. */
export function AuditTable({ entries }: { entries: AuditEntry[] }) {
  return (
    <DataTable
      label="Audit log"
      rows={entries}
      rowKey={(entry) => String(entry.audit_id)}
      columns={[
        { name: "When", narrow: true, cell: (entry) => <time dateTime={entry.at}>{fullTime(entry.at)}</time> },
        { name: "Who", cell: (entry) => <span className="table-main">{entry.actor}</span> },
        { name: "Did", narrow: true, cell: (entry) => <code>{entry.action}</code> },
        { name: "To", cell: (entry) => entry.object },
      ]}
    />
  );
}

import { Anchor } from "@mantine/core";
import { Link } from "react-router";

import type { AuditEntry } from "../api/people";
import { DataTable } from "./DataTable";
import { fullTime } from "../text/time";

/** Where what was read or changed is shown, by the action's first word. */
const pages: Record<string, string> = { message: "/alerts/", alert: "/alerts/", rule: "/rules/" };

/** Who did what to what, the newest first. */
export function AuditTable({ entries }: { entries: AuditEntry[] }) {
  return (
    <DataTable
      label="Audit log"
      rows={entries}
      rowKey={(entry) => String(entry.audit_id)}
      flow
      columns={[
        { name: "When", narrow: true, unlabelled: true, cell: (entry) => <time dateTime={entry.at}>{fullTime(entry.at)}</time> },
        { name: "Who", unlabelled: true, cell: (entry) => <span className="table-main">{entry.actor}</span> },
        { name: "Did", narrow: true, unlabelled: true, cell: (entry) => <code>{entry.action}</code> },
        { name: "To", unlabelled: true, cell: (entry) => <Target entry={entry} /> },
      ]}
    />
  );
}

function Target({ entry: { action, object } }: { entry: AuditEntry }) {
  const page = pages[action.split(".", 1)[0] ?? ""];
  if (!page || !object) return object;
  return (
    <Anchor component={Link} to={page + object} inherit>
      {object}
    </Anchor>
  );
}

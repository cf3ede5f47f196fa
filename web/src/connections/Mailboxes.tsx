import type { Mailbox } from "../api/connections";
import { DataTable } from "../components/DataTable";
import { StateBadge, words } from "../components/Severity";
import { Time } from "../components/Time";

/** Mailboxes with how far each is read, and why not further. */
export function MailboxTable({
  mailboxes,
  connectionName,
}: {
  mailboxes: Mailbox[];
  connectionName?: (id: string | undefined) => string | undefined;
}) {
  return (
    <DataTable
      label="Mailboxes"
      rows={mailboxes}
      rowKey={(mailbox) => `${mailbox.connection_id ?? ""}/${mailbox.mailbox_id}`}
      columns={[
        {
          name: "Mailbox",
          unlabelled: true,
          cell: (mailbox) => (
            <>
              <div className="table-main">{mailbox.address}</div>
              {mailbox.reason && <div className="table-under">{mailbox.reason}</div>}
            </>
          ),
        },
        { name: "State", narrow: true, unlabelled: true, cell: (mailbox) => <MailboxState mailbox={mailbox} /> },
        ...(connectionName ? [{ name: "Connection", cell: (mailbox: Mailbox) => connectionName(mailbox.connection_id) ?? "" }] : []),
        { name: "Stored", align: "end" as const, narrow: true, cell: (mailbox: Mailbox) => mailbox.messages_stored.toLocaleString("en") },
        {
          name: "Set aside",
          align: "end" as const,
          narrow: true,
          cell: (mailbox: Mailbox) => mailbox.messages_set_aside.toLocaleString("en"),
        },
        {
          name: "Read",
          align: "end" as const,
          narrow: true,
          cell: (mailbox: Mailbox) => (mailbox.last_read_at ? <Time at={mailbox.last_read_at} inherit /> : "not yet"),
        },
      ]}
    />
  );
}

function MailboxState({ mailbox }: { mailbox: Mailbox }) {
  if (mailbox.state === "active")
    return mailbox.caught_up ? <StateBadge tone="good">caught up</StateBadge> : <StateBadge tone="working">reading</StateBadge>;
  return <StateBadge tone={mailbox.state === "failed" ? "bad" : "quiet"}>{words(mailbox.state)}</StateBadge>;
}

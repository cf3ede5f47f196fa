import { Anchor, Button, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";

import { useSimilarMessages } from "../api/alerts";
import { DataTable } from "../components/DataTable";
import { Panel } from "../components/Panel";
import { StateBadge, words } from "../components/Severity";
import { Failed, Loading } from "../components/States";
import { Time } from "../components/Time";
import { revealInvisible } from "../text/defang";

const likeness: Record<string, string> = {
  payment_instrument: "bank account",
  from_address: "sender",
  from_domain: "sender’s domain",
};

/** Messages like this one in all mailboxes. Looking is audited, so it waits until somebody asks. */
export function Similar({ alertId }: { alertId: string }) {
  const [asked, setAsked] = useState(false);
  const similar = useSimilarMessages(alertId, asked);
  const found = similar.data?.similar_messages;
  return (
    <Panel
      title="Similar messages"
      flush={Boolean(found?.length)}
      className="order-5"
      about={found?.length ? `${found.length === 50 ? "The 50 most alike" : found.length} in all mailboxes, removed ones too` : undefined}
    >
      {!asked && (
        <div className="similar-ask">
          <Text size="sm" c="dimmed">
            Same sender, subject, attachment, link or bank account, in all mailboxes. Looking is written to the audit log.
          </Text>
          <Button size="xs" variant="default" onClick={() => setAsked(true)}>
            Look for similar messages
          </Button>
        </div>
      )}
      {asked && similar.isPending && <Loading what="similar messages" />}
      {similar.isError && (
        <Failed error={similar.error} retry={() => void similar.refetch()} missing="The message is not in the mail store any more." />
      )}
      {found?.length === 0 && (
        <Text size="sm" c="dimmed">
          None: no other mailbox got anything like it.
        </Text>
      )}
      {found && found.length > 0 && (
        <DataTable
          label="Similar messages"
          rows={found}
          rowKey={(row) => `${row.mailbox_id}/${row.provider_message_id}`}
          columns={[
            {
              name: "Message",
              unlabelled: true,
              cell: (row) => (
                <>
                  <div className="table-main">
                    {row.alert_id && row.alert_id !== alertId ? (
                      <Anchor component={Link} to={`/alerts/${row.alert_id}`} inherit>
                        {revealInvisible(row.subject) || "no subject"}
                      </Anchor>
                    ) : (
                      revealInvisible(row.subject) || "no subject"
                    )}
                  </div>
                  <div className="table-under">
                    {revealInvisible(row.from_address)} → {row.address}
                  </div>
                </>
              ),
            },
            {
              name: "Same",
              cell: (row) => (
                <span className="verdicts">
                  {row.likeness.map((one) => (
                    <StateBadge key={one} tone={one === "payment_instrument" ? "warning" : "quiet"}>
                      {likeness[one] ?? words(one)}
                    </StateBadge>
                  ))}
                </span>
              ),
            },
            {
              name: "Received",
              align: "end",
              narrow: true,
              cell: (row) => (
                <>
                  <Time at={row.received_at} inherit />
                  {row.removed_at && <div className="table-under">removed</div>}
                </>
              ),
            },
          ]}
        />
      )}
    </Panel>
  );
}

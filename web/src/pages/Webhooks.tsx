import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { Link } from "react-router";

import { useCreateWebhook, useWebhooks } from "../api/webhooks";
import { DataTable } from "../components/DataTable";
import { Page } from "../components/Page";
import { SecretMade } from "../components/Secret";
import { StateBadge } from "../components/Severity";
import { Empty, Failed, LoadingRows } from "../components/States";
import { Time } from "../components/Time";
import { WebhookForm } from "../webhooks/WebhookForm";

export default function Webhooks() {
  const webhooks = useWebhooks();
  const [making, { open: make, close }] = useDisclosure();
  const rows = webhooks.data?.webhooks ?? [];
  const add = (
    <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={make}>
      New webhook
    </Button>
  );
  return (
    <Page
      title="Webhooks"
      about="Events are sent to your own systems, signed and retried for about a day. They name ids and never a message’s content."
      actions={rows.length > 0 && add}
    >
      {webhooks.isPending && <LoadingRows what="webhooks" rows={3} />}
      {webhooks.isError && <Failed error={webhooks.error} retry={() => void webhooks.refetch()} />}
      {webhooks.data && (
        <div className="panel">
          {rows.length === 0 ? (
            <Empty icon={<IconWebhook size={34} stroke={1.3} aria-hidden />} title="No webhook yet" next={add}>
              A ticket system, a chat or a SIEM can be told of each new alert.
            </Empty>
          ) : (
            <DataTable
              label="Webhooks"
              rows={rows}
              rowKey={(row) => row.webhook_id}
              columns={[
                {
                  name: "Webhook",
                  unlabelled: true,
                  cell: (row) => (
                    <>
                      <Link to={`/webhooks/${row.webhook_id}`} className="table-main plain-link">
                        {row.name}
                      </Link>
                      <div className="table-under">{row.url}</div>
                    </>
                  ),
                },
                { name: "Events", cell: (row) => <span className="table-under">{row.events.join(", ")}</span> },
                {
                  name: "State",
                  narrow: true,
                  unlabelled: true,
                  cell: (row) =>
                    !row.enabled ? (
                      <StateBadge tone="quiet">off</StateBadge>
                    ) : row.failures ? (
                      <StateBadge tone="bad">{row.failures} failed</StateBadge>
                    ) : (
                      <StateBadge tone="good">on</StateBadge>
                    ),
                },
                {
                  name: "Delivered",
                  align: "end",
                  narrow: true,
                  cell: (row) => (row.last_delivered_at ? <Time at={row.last_delivered_at} inherit /> : "never"),
                },
              ]}
            />
          )}
        </div>
      )}
      {making && <NewWebhook close={close} />}
    </Page>
  );
}

function NewWebhook({ close }: { close: () => void }) {
  const create = useCreateWebhook();
  return (
    <Modal opened onClose={close} title="New webhook" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      {create.data ? (
        <SecretMade label={`Secret of ${create.data.webhook.name}`} value={create.data.secret} close={close}>
          Check with it the header X-Letterlock-Signature of each delivery.
        </SecretMade>
      ) : (
        <WebhookForm
          begin={{ name: "", url: "", events: ["alert.created"] }}
          action="Make the webhook"
          pending={create.isPending}
          error={create.error}
          cancel={close}
          submit={(body) => create.mutate(body)}
        />
      )}
    </Modal>
  );
}

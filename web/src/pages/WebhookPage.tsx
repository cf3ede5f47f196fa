import { Anchor, Button, Code, Switch } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { Link, useNavigate, useParams } from "react-router";

import {
  type Delivery,
  useChangeWebhook,
  useDeleteWebhook,
  useDeliveries,
  usePingWebhook,
  useReplayDelivery,
  useRotateWebhookSecret,
  useWebhooks,
  type Webhook,
} from "../api/webhooks";
import { Confirm } from "../components/Confirm";
import { DataTable } from "../components/DataTable";
import { More } from "../components/More";
import { Page } from "../components/Page";
import { Panel } from "../components/Panel";
import { Secret } from "../components/Secret";
import { StateBadge, type Tone } from "../components/Severity";
import { Failed, Loading } from "../components/States";
import { useSwitch } from "../components/switch";
import { Time } from "../components/Time";
import { WebhookForm } from "../webhooks/WebhookForm";

const tones: Record<Delivery["state"], Tone> = { pending: "working", delivered: "good", failed: "bad" };

/** One webhook with what was sent. */
export default function WebhookPage() {
  const { webhookId = "" } = useParams();
  const webhooks = useWebhooks();
  const webhook = webhooks.data?.webhooks.find((one) => one.webhook_id === webhookId);
  if (webhook) return <Shown webhook={webhook} />;
  return (
    <Page title="Webhook">
      {webhooks.isPending && <Loading what="the webhook" />}
      {webhooks.isError && <Failed error={webhooks.error} retry={() => void webhooks.refetch()} />}
      {webhooks.data && (
        <p>
          There is no such webhook.{" "}
          <Anchor component={Link} to="/webhooks">
            Go to Webhooks
          </Anchor>
        </p>
      )}
    </Page>
  );
}

function Shown({ webhook }: { webhook: Webhook }) {
  const id = webhook.webhook_id;
  const change = useChangeWebhook(id);
  const ping = usePingWebhook(id);
  const rotation = useRotateWebhookSecret(id);
  const deletion = useDeleteWebhook(id);
  const navigate = useNavigate();
  const enabled = useSwitch(webhook.enabled, (on) => change.mutateAsync({ enabled: on }));
  const [removing, { open: remove, close: closeRemove }] = useDisclosure();
  return (
    <Page
      title={webhook.name}
      back={{ to: "/webhooks", label: "Webhooks" }}
      about={<span className="breakable">{webhook.url}</span>}
      actions={
        <Button
          size="xs"
          variant="default"
          loading={ping.isPending}
          onClick={() =>
            ping.mutate(undefined, {
              onSuccess: () => notifications.show({ message: "A ping is on its way; it appears under Deliveries." }),
            })
          }
        >
          Send a ping
        </Button>
      }
    >
      {ping.isError && <Failed error={ping.error} />}
      <Deliveries webhookId={id} />
      <div className="two tops">
        <Panel title="Settings">
          <div className="rule-settings" style={{ maxWidth: 560 }}>
            <Switch
              label={enabled.checked ? "On" : "Off"}
              description="Off: nothing is sent, and what happens meanwhile is not sent later"
              {...enabled}
            />
            <WebhookForm
              begin={{ name: webhook.name, url: webhook.url, events: webhook.events }}
              action="Save"
              pending={change.isPending}
              error={change.error}
              submit={(body) => change.mutate(body, { onSuccess: () => notifications.show({ message: "Saved." }) })}
            />
          </div>
        </Panel>
        <div className="page-body">
          <Panel title="Secret" about="Deliveries are signed with it. After a new one is made, the old one signs too for 24 hours.">
            {rotation.data && <Secret label="New secret" value={rotation.data.secret} />}
            {rotation.isError && <Failed error={rotation.error} />}
            {!rotation.data && (
              <Button size="xs" variant="default" loading={rotation.isPending} onClick={() => rotation.mutate(undefined)}>
                Make a new secret
              </Button>
            )}
          </Panel>
          <Panel title="Removal" about="Nothing more is sent, and the list of its deliveries is removed.">
            <Button size="xs" variant="outline" color="red" onClick={remove}>
              Remove this webhook…
            </Button>
          </Panel>
        </div>
      </div>
      {removing && (
        <Confirm
          title={`Remove ${webhook.name}`}
          action="Remove"
          pending={deletion.isPending}
          error={deletion.error}
          close={closeRemove}
          run={() => deletion.mutate(undefined, { onSuccess: () => void navigate("/webhooks") })}
        >
          Nothing more is sent, and the list of its deliveries is removed.
        </Confirm>
      )}
    </Page>
  );
}

function Deliveries({ webhookId }: { webhookId: string }) {
  const deliveries = useDeliveries(webhookId);
  const replay = useReplayDelivery(webhookId);
  const rows = deliveries.data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <Panel title="Deliveries" about="The newest first; kept for 30 days" flush={rows.length > 0}>
      {deliveries.isPending && <Loading what="deliveries" />}
      {deliveries.isError && <Failed error={deliveries.error} retry={() => void deliveries.refetch()} />}
      {replay.isError && <Failed error={replay.error} />}
      {deliveries.data && rows.length === 0 && (
        <span className="panel-about">Nothing was sent yet. A ping shows whether the address answers.</span>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Deliveries"
          rows={rows}
          rowKey={(row) => row.delivery_id}
          columns={[
            { name: "State", narrow: true, unlabelled: true, cell: (row) => <StateBadge tone={tones[row.state]}>{row.state}</StateBadge> },
            {
              name: "Event",
              unlabelled: true,
              cell: (row) => (
                <>
                  <span className="table-main">{row.event}</span>
                  {row.reason && <div className="table-under">{row.reason}</div>}
                  {row.body && (
                    <details>
                      <summary>What is sent</summary>
                      <Code block className="code" tabIndex={0}>
                        {row.body}
                      </Code>
                    </details>
                  )}
                </>
              ),
            },
            { name: "Tries", align: "end", narrow: true, cell: (row) => row.attempts },
            { name: "Answer", align: "end", narrow: true, cell: (row) => row.response_status ?? "" },
            {
              name: "When",
              align: "end",
              narrow: true,
              cell: (row) => (
                <>
                  <Time at={row.delivered_at ?? row.created_at} inherit />
                  {row.next_attempt_at && row.state === "pending" && (
                    <div className="table-under">
                      next try <Time at={row.next_attempt_at} span inherit />
                    </div>
                  )}
                </>
              ),
            },
            {
              name: "Actions",
              align: "end",
              narrow: true,
              unlabelled: true,
              cell: (row) => (
                <Button
                  size="compact-xs"
                  variant="default"
                  loading={replay.isPending && replay.variables === row.delivery_id}
                  onClick={() => replay.mutate(row.delivery_id)}
                  aria-label={`Replay ${row.event}`}
                >
                  Replay
                </Button>
              ),
            },
          ]}
        />
      )}
      <More list={deliveries} what="deliveries" />
    </Panel>
  );
}

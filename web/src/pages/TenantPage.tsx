import { Anchor, Button, Group, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { offers } from "../api/offered";
import { type TenantHealth, useChangeTenant, useDeleteTenant, useInviteOwner, useTenant } from "../api/tenants";
import { Confirm } from "../components/Confirm";
import { Page } from "../components/Page";
import { Panel } from "../components/Panel";
import { Secret } from "../components/Secret";
import { Failed, Loading } from "../components/States";
import { Tile } from "../components/Tile";
import { Time } from "../components/Time";
import { invitationLink } from "../text/links";
import { TenantState } from "./Tenants";

/** One company as the operator sees it: its health, and no mail. */
export default function TenantPage() {
  const { tenantId = "" } = useParams();
  const tenant = useTenant(tenantId);
  if (tenant.data) return <Shown tenant={tenant.data} />;
  return (
    <Page title="Tenant">
      {tenant.isPending && <Loading what="the tenant" />}
      {tenant.isError && <Failed error={tenant.error} retry={() => void tenant.refetch()} missing="There is no such tenant." />}
      {tenant.isError && (
        <Anchor component={Link} to="/tenants" size="sm">
          Go to Tenants
        </Anchor>
      )}
    </Page>
  );
}

function Shown({ tenant }: { tenant: TenantHealth }) {
  const { coverage } = tenant;
  const count = (value: number) => value.toLocaleString("en");
  const readable = coverage.mailboxes.total - coverage.mailboxes.no_mailbox - coverage.mailboxes.suspended;
  return (
    <Page
      title={tenant.name}
      back={{ to: "/tenants", label: "Tenants" }}
      about={
        <>
          {tenant.created_at && (
            <>
              Made <Time at={tenant.created_at} span inherit />
            </>
          )}
          {tenant.owners === 0 && ". Nobody has accepted an invitation as owner yet"}
        </>
      }
      actions={<TenantState tenant={tenant} />}
    >
      <div className="tiles">
        <Tile
          label="Coverage"
          value={coverage.is_covered ? "complete" : "incomplete"}
          under={`${count(coverage.mailboxes.caught_up)} of ${count(readable)} mailboxes caught up`}
        />
        <Tile
          label="Connections"
          value={count(coverage.connections.total)}
          under={`${count(coverage.connections.broken)} broken, ${count(coverage.connections.stalled)} stalled, ${count(coverage.connections.paused)} paused`}
        />
        <Tile
          label="Messages stored"
          value={count(coverage.messages_stored)}
          under={
            coverage.last_sync_at ? (
              <>
                read <Time at={coverage.last_sync_at} span inherit />
              </>
            ) : (
              `${count(coverage.messages_set_aside)} set aside`
            )
          }
        />
        <Tile
          label="Jobs"
          value={count(coverage.jobs.queued + coverage.jobs.running)}
          under={`queued or running, ${count(coverage.jobs.dead)} dead`}
          to={offers("list_installation_jobs") ? `/jobs?tenant_id=${tenant.tenant_id}` : undefined}
        />
        <Tile label="People" value={count(tenant.people)} under={tenant.owners === 1 ? "1 owner" : `${count(tenant.owners)} owners`} />
        <Tile label="Open alerts" value={count(tenant.alerts_open)} under="their content is the company’s" />
      </div>
      <div className="two">
        {offers("invite_owner") && <InviteOwner tenant={tenant} />}
        {offers("change_tenant") && <Manage tenant={tenant} />}
      </div>
    </Page>
  );
}

function InviteOwner({ tenant }: { tenant: TenantHealth }) {
  const [email, setEmail] = useState("");
  const invite = useInviteOwner(tenant.tenant_id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate(email.trim(), { onSuccess: () => setEmail("") });
  };
  return (
    <Panel title="Invite an owner" about="The link is shown once; hand it on yourself.">
      <form onSubmit={submit} className="rule-settings">
        <TextInput
          label="E-mail address"
          type="email"
          required
          withAsterisk={false}
          maxLength={320}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        {invite.isError && <Failed error={invite.error} />}
        {invite.data && <Secret label={`Link for ${invite.data.invitation.email}`} value={invitationLink(invite.data.token)} />}
        <Button type="submit" size="xs" variant="default" style={{ justifySelf: "start" }} loading={invite.isPending}>
          Make the link
        </Button>
      </form>
    </Panel>
  );
}

function Manage({ tenant }: { tenant: TenantHealth }) {
  const [name, setName] = useState(tenant.name);
  const [suspending, { open: suspend, close: closeSuspend }] = useDisclosure();
  const [deleting, { open: startDelete, close: closeDelete }] = useDisclosure();
  const change = useChangeTenant(tenant.tenant_id);
  const deletion = useDeleteTenant(tenant.tenant_id);
  const navigate = useNavigate();
  const suspended = tenant.state === "suspended";
  return (
    <Panel title="Manage">
      <form
        className="rule-settings"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ name: name.trim() });
        }}
      >
        <TextInput
          label="Name"
          required
          withAsterisk={false}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {change.isError && !suspending && <Failed error={change.error} />}
        <Group gap="xs">
          <Button type="submit" size="xs" disabled={name.trim() === tenant.name} loading={change.isPending}>
            Rename
          </Button>
          {suspended ? (
            <Button size="xs" variant="default" loading={change.isPending} onClick={() => change.mutate({ state: "active" })}>
              Resume
            </Button>
          ) : (
            <Button size="xs" variant="default" onClick={suspend}>
              Suspend…
            </Button>
          )}
          {offers("delete_tenant") && (
            <Button size="xs" variant="subtle" color="red" onClick={startDelete}>
              Delete…
            </Button>
          )}
        </Group>
      </form>
      {suspending && (
        <Confirm
          title={`Suspend ${tenant.name}`}
          action="Suspend"
          pending={change.isPending}
          error={change.error}
          close={closeSuspend}
          run={() => change.mutate({ state: "suspended" }, { onSuccess: closeSuspend })}
        >
          Its people and API keys are refused and no mail is read until it is resumed. Nothing is deleted.
        </Confirm>
      )}
      {deleting && (
        <Confirm
          title={`Delete ${tenant.name}`}
          action="Delete for ever"
          typed={tenant.name}
          pending={deletion.isPending}
          error={deletion.error}
          close={closeDelete}
          run={() => deletion.mutate(tenant.name, { onSuccess: () => void navigate("/tenants") })}
        >
          Its key is destroyed: all mail that was stored can never be read again, not from a backup either. People, alerts, connections and
          keys are deleted.
        </Confirm>
      )}
    </Panel>
  );
}

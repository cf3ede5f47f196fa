import { Button, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBuilding, IconPlus, IconSearch } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";

import { offers } from "../api/offered";
import { type Tenant, useCreateTenant, useTenants } from "../api/tenants";
import { DialogActions } from "../components/DialogActions";
import { type Column, DataTable } from "../components/DataTable";
import { Page } from "../components/Page";
import { SecretMade } from "../components/Secret";
import { StateBadge } from "../components/Severity";
import { Empty, Failed, LoadingRows } from "../components/States";
import { Time } from "../components/Time";
import { invitationLink } from "../text/links";

/** How many tenants are in the page at once; the search finds the others. */
const shownMax = 200;

export default function Tenants() {
  const tenants = useTenants();
  const [words, setWords] = useState("");
  const [making, { open: make, close }] = useDisclosure();
  const found = (tenants.data?.tenants ?? []).filter(({ name }) => name.toLowerCase().includes(words.trim().toLowerCase()));
  const detailed = offers("get_tenant");
  const add = offers("create_tenant") ? (
    <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={make}>
      New tenant
    </Button>
  ) : null;
  const health: Column<Tenant>[] = detailed
    ? [
        { name: "State", narrow: true, unlabelled: true, cell: (tenant) => <TenantState tenant={tenant} /> },
        {
          name: "Mailboxes",
          align: "end",
          narrow: true,
          cell: (tenant) => (
            <>
              {(tenant.mailboxes_total ?? 0).toLocaleString("en")}
              {Boolean(tenant.mailboxes_failed) && <div className="table-under">{tenant.mailboxes_failed} failed</div>}
            </>
          ),
        },
        { name: "Dead jobs", align: "end", narrow: true, cell: (tenant) => (tenant.jobs_dead ?? 0).toLocaleString("en") },
      ]
    : [];
  return (
    <Page
      title="Tenants"
      about="All companies of this installation."
      actions={
        <>
          <TextInput
            size="xs"
            w={220}
            type="search"
            aria-label="Search tenants"
            placeholder="Search tenants"
            leftSection={<IconSearch size={14} aria-hidden />}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
          {add}
        </>
      }
    >
      {tenants.isPending && <LoadingRows what="tenants" />}
      {tenants.isError && <Failed error={tenants.error} retry={() => void tenants.refetch()} />}
      {tenants.data && (
        <div className="panel">
          {found.length === 0 ? (
            <Empty
              icon={<IconBuilding size={34} stroke={1.3} aria-hidden />}
              title={words ? "No tenant has this name" : "No tenant yet"}
              next={words ? undefined : add}
            >
              {!words && !add && "Add one with “letterlock tenant create”."}
            </Empty>
          ) : (
            <DataTable
              label="Tenants"
              rows={found.slice(0, shownMax)}
              rowKey={(tenant) => tenant.tenant_id}
              columns={[
                {
                  name: "Name",
                  unlabelled: true,
                  cell: (tenant) =>
                    detailed ? (
                      <Link to={`/tenants/${tenant.tenant_id}`} className="table-main plain-link">
                        {tenant.name}
                      </Link>
                    ) : (
                      <span className="table-main">{tenant.name}</span>
                    ),
                },
                ...health,
                { name: "Connections", align: "end", narrow: true, cell: (tenant) => tenant.connections.toLocaleString("en") },
                { name: "Open alerts", align: "end", narrow: true, cell: (tenant) => tenant.alerts_open.toLocaleString("en") },
                ...(detailed
                  ? [
                      {
                        name: "Read",
                        align: "end" as const,
                        narrow: true,
                        cell: (tenant: Tenant) => (tenant.last_sync_at ? <Time at={tenant.last_sync_at} inherit /> : "never"),
                      },
                    ]
                  : []),
              ]}
            />
          )}
        </div>
      )}
      {found.length > shownMax && (
        <p className="panel-about">
          The first {shownMax} of {found.length.toLocaleString("en")} are shown; search for the others.
        </p>
      )}
      {making && <NewTenant close={close} />}
    </Page>
  );
}

export function TenantState({ tenant }: { tenant: Tenant }) {
  if (tenant.state === "suspended") return <StateBadge tone="quiet">suspended</StateBadge>;
  if (tenant.connections_broken)
    return (
      <StateBadge tone="bad">
        {tenant.connections_broken === 1 ? "connection needs attention" : `${tenant.connections_broken} connections need attention`}
      </StateBadge>
    );
  if (tenant.jobs_dead || tenant.mailboxes_failed) return <StateBadge tone="warning">needs a look</StateBadge>;
  if (tenant.connections === 0) return <StateBadge tone="quiet">not connected</StateBadge>;
  return <StateBadge tone="good">healthy</StateBadge>;
}

function NewTenant({ close }: { close: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const create = useCreateTenant();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name: name.trim(), owner_email: email.trim() });
  };
  return (
    <Modal opened onClose={close} title="New tenant" closeButtonProps={{ "aria-label": "Close" }}>
      {create.data ? (
        <SecretMade label={`Link for ${create.data.invitation.email}`} value={invitationLink(create.data.token)} close={close}>
          The owner chooses a password with it, and connects the company’s mail. It holds for 7 days and works once.
        </SecretMade>
      ) : (
        <form onSubmit={submit}>
          <Stack gap="md">
            <TextInput
              label="Name of the company"
              required
              withAsterisk={false}
              maxLength={200}
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <TextInput
              label="Owner’s e-mail address"
              type="email"
              required
              withAsterisk={false}
              maxLength={320}
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <DialogActions action="Make the tenant" close={close} pending={create.isPending} error={create.error} />
          </Stack>
        </form>
      )}
    </Modal>
  );
}

import { Button, Checkbox, Code, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { type ApiKey, isOver, type Role, roles, type Scope, useApiKeys, useCreateApiKey, useDeleteApiKey } from "../api/people";
import { useSession } from "../api/session";
import { Confirm } from "../components/Confirm";
import { DialogActions } from "../components/DialogActions";
import { DataTable } from "../components/DataTable";
import { Page } from "../components/Page";
import { SecretMade } from "../components/Secret";
import { StateBadge } from "../components/Severity";
import { Empty, Failed, LoadingRows } from "../components/States";
import { Time } from "../components/Time";

const scopes: { scope: Scope; about: string }[] = [
  { scope: "alerts:read", about: "read alerts, rules and statistics" },
  { scope: "alerts:write", about: "change alerts, suppress" },
  { scope: "messages:read", about: "read messages; each reading is audited" },
  { scope: "connections:read", about: "read connections, mailboxes and jobs" },
  { scope: "connections:write", about: "connect, sync, pause, replay" },
  { scope: "rules:write", about: "switch rules and set thresholds" },
  { scope: "people:read", about: "read people, invitations and keys" },
  { scope: "audit:read", about: "read the audit log" },
  { scope: "webhooks:read", about: "read webhooks and deliveries" },
  { scope: "webhooks:write", about: "change webhooks, replay deliveries" },
];
const lives = [7, 30, 90, 180, 365];

/** Whose a key is. */
function Owner({ of: key }: { of: ApiKey }) {
  switch (key.owner_kind) {
    case "person":
      return key.owner_email;
    case "removed":
      return `${key.created_by}, who was removed`;
    case "installation":
      return "made on the command line, for nobody";
    case "unknown":
      return "its maker was not recorded";
  }
}

export default function ApiKeys() {
  const keys = useApiKeys();
  const [making, { open: make, close }] = useDisclosure();
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const revocation = useDeleteApiKey();
  const add = (
    <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={make}>
      New API key
    </Button>
  );
  const rows = keys.data?.api_keys ?? [];
  return (
    <Page title="API keys" about="With a key your own programs can do what the console does." actions={rows.length > 0 && add}>
      {keys.isPending && <LoadingRows what="API keys" rows={3} />}
      {keys.isError && <Failed error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data && (
        <div className="panel">
          {rows.length === 0 ? (
            <Empty icon={<IconKey size={34} stroke={1.3} aria-hidden />} title="No API key yet" next={add}>
              A key has a role and scopes of its own. It ends by itself, and with whoever made it.
            </Empty>
          ) : (
            <DataTable
              label="API keys"
              rows={rows}
              rowKey={(key) => key.api_key_id}
              columns={[
                {
                  name: "Name",
                  unlabelled: true,
                  cell: (key) => (
                    <>
                      <div className="table-main">{key.name}</div>
                      <div className="table-under">
                        <Owner of={key} />, <Time at={key.created_at} span inherit />
                      </div>
                    </>
                  ),
                },
                {
                  name: "Role",
                  narrow: true,
                  cell: (key) => (
                    <>
                      {key.effective_role}
                      {key.effective_role !== key.role && <div className="table-under">made as {key.role}</div>}
                    </>
                  ),
                },
                {
                  name: "Scopes",
                  cell: (key) => (
                    <>
                      {key.legacy && (
                        <>
                          <StateBadge tone="warning">legacy</StateBadge>{" "}
                          <span className="table-under">made without scopes, when that meant all: </span>
                        </>
                      )}
                      <span className="table-under">{key.scopes.join(", ")}</span>
                    </>
                  ),
                },
                {
                  name: "Used",
                  align: "end",
                  narrow: true,
                  cell: (key) => (key.last_used_at ? <Time at={key.last_used_at} inherit /> : "never"),
                },
                {
                  name: "Ends",
                  align: "end",
                  narrow: true,
                  cell: (key) =>
                    key.owner_kind === "removed" ? (
                      <StateBadge tone="bad">ended with its owner</StateBadge>
                    ) : isOver(key) ? (
                      <StateBadge tone="quiet">over</StateBadge>
                    ) : (
                      <Time at={key.expires_at} inherit />
                    ),
                },
                {
                  name: "Actions",
                  align: "end",
                  narrow: true,
                  unlabelled: true,
                  cell: (key) => (
                    <Button size="compact-xs" variant="default" onClick={() => setRevoking(key)} aria-label={`Revoke ${key.name}`}>
                      Revoke
                    </Button>
                  ),
                },
              ]}
            />
          )}
        </div>
      )}
      <p className="panel-about">
        Send it as <Code className="code">Authorization: Bearer ll_…</Code> to <Code className="code">{window.location.origin}/api/v1</Code>
        .
      </p>
      {making && keys.data && <NewKey longest={keys.data.life_days_max} close={close} />}
      {revoking && (
        <Confirm
          title={`Revoke ${revoking.name}`}
          action="Revoke"
          pending={revocation.isPending}
          error={revocation.error}
          close={() => {
            revocation.reset();
            setRevoking(null);
          }}
          run={() => revocation.mutate(revoking.api_key_id, { onSuccess: () => setRevoking(null) })}
        >
          Programs that use this key are refused from now on. It cannot be taken back.
        </Confirm>
      )}
    </Page>
  );
}

const lifeText = (days: number) => (days === 365 ? "in a year" : days === 1 ? "in a day" : `in ${days} days`);

/** `longest`: days that a key lives at most here. */
function NewKey({ longest, close }: { longest: number; close: () => void }) {
  const mine = useSession().data?.role ?? "viewer";
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [chosen, setChosen] = useState<string[]>(["alerts:read"]);
  const choices = [...lives.filter((life) => life < longest), longest];
  const [days, setDays] = useState(Math.min(90, longest));
  const create = useCreateApiKey();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({
      name: name.trim(),
      role,
      scopes: scopes.map(({ scope }) => scope).filter((scope) => chosen.includes(scope)),
      // The longest is the server's to reckon: this device's clock may be ahead of it.
      ...(days < longest ? { expires_at: new Date(Date.now() + days * 86_400_000).toISOString() } : {}),
    });
  };
  return (
    <Modal opened onClose={close} title="New API key" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      {create.data ? (
        <SecretMade label={create.data.api_key.name} value={create.data.key} close={close} />
      ) : (
        <form onSubmit={submit}>
          <Stack gap="md">
            <TextInput
              label="Name"
              description="What will use it"
              required
              withAsterisk={false}
              maxLength={200}
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Group grow>
              <Select
                label="Role"
                allowDeselect={false}
                value={role}
                onChange={(value) => setRole((value as Role | null) ?? role)}
                data={roles.slice(0, roles.indexOf(mine) + 1)}
              />
              <Select
                label="Ends"
                allowDeselect={false}
                value={String(days)}
                onChange={(value) => setDays(Number(value ?? days))}
                data={choices.map((life) => ({ value: String(life), label: lifeText(life) }))}
              />
            </Group>
            <Checkbox.Group
              label="Scopes"
              description="What it may; it never may more than you, and ends when you are removed"
              error={chosen.length === 0 && "Choose at least one"}
              value={chosen}
              onChange={setChosen}
            >
              <div className="scope-grid">
                {scopes.map(({ scope, about }) => (
                  <Checkbox key={scope} size="sm" value={scope} label={scope} description={about} />
                ))}
              </div>
            </Checkbox.Group>
            <DialogActions
              action="Make the key"
              close={close}
              pending={create.isPending}
              error={create.error}
              disabled={chosen.length === 0}
            />
          </Stack>
        </form>
      )}
    </Modal>
  );
}

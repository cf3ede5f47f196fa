import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconUserPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { offers } from "../api/offered";
import {
  type Invitation,
  type Person,
  type Role,
  isOver,
  roles,
  useApiKeys,
  useChangePerson,
  useDeleteInvitation,
  useDeletePerson,
  useInvitations,
  useInvite,
  useMakePasswordReset,
  usePeople,
} from "../api/people";
import { useMay, useSession } from "../api/session";
import { Confirm } from "../components/Confirm";
import { DialogActions } from "../components/DialogActions";
import { DataTable } from "../components/DataTable";
import { Initials } from "../components/Initials";
import { Page } from "../components/Page";
import { Panel } from "../components/Panel";
import { SecretMade } from "../components/Secret";
import { StateBadge } from "../components/Severity";
import { Failed, LoadingRows } from "../components/States";
import { Time } from "../components/Time";
import { invitationLink, passwordResetLink } from "../text/links";

const roleText: Record<Role, string> = {
  viewer: "reads alerts, opens no message",
  analyst: "works on alerts, opens messages",
  admin: "also connections, rules, people and keys",
  owner: "also makes owners",
};

export default function People() {
  const people = usePeople();
  const session = useSession().data;
  const may = useMay();
  const isOwner = session?.role === "owner";
  const manages = may.manage && offers("change_person");
  const [inviting, { open: invite, close: closeInvite }] = useDisclosure();
  const [removing, setRemoving] = useState<Person | null>(null);
  const change = useChangePerson();
  const [resetting, setResetting] = useState<Person | null>(null);
  const rolesOf = (person: Person) => roles.filter((role) => isOwner || role !== "owner" || person.role === "owner");
  return (
    <Page
      title="People"
      about={
        may.manage
          ? "Who of your company may sign in, and what each may do."
          : "Who of your company may sign in. An admin or owner can invite more."
      }
      actions={
        manages &&
        offers("create_invitation") && (
          <Button size="xs" leftSection={<IconUserPlus size={14} aria-hidden />} onClick={invite}>
            Invite
          </Button>
        )
      }
    >
      {people.isPending && <LoadingRows what="people" rows={3} />}
      {people.isError && <Failed error={people.error} retry={() => void people.refetch()} />}
      {change.isError && <Failed error={change.error} />}
      {people.data && (
        <div className="panel">
          <DataTable
            label="People"
            middle
            rows={people.data.people}
            rowKey={(person) => person.person_id}
            columns={[
              {
                name: "Person",
                unlabelled: true,
                cell: (person) => (
                  <Group gap={10} wrap="nowrap">
                    <Initials of={person.email} size={26} />
                    <span className="table-main">
                      {person.email} {person.email === session?.email && <StateBadge tone="quiet">you</StateBadge>}
                    </span>
                  </Group>
                ),
              },
              {
                name: "Role",
                cell: (person) =>
                  manages && (isOwner || person.role !== "owner") ? (
                    <Select
                      size="xs"
                      w={130}
                      aria-label={`Role of ${person.email}`}
                      allowDeselect={false}
                      disabled={change.isPending}
                      value={person.role}
                      data={rolesOf(person)}
                      onChange={(value) =>
                        value &&
                        change.mutate(
                          { person_id: person.person_id, role: value as Role },
                          {
                            onSuccess: ({ email, role }) => {
                              const less = roles.indexOf(role) < roles.indexOf(person.role);
                              notifications.show({
                                message: `${email} is ${role} now.${less ? " Their API keys may no more than that." : ""}`,
                              });
                            },
                          },
                        )
                      }
                    />
                  ) : (
                    <>
                      {person.role} <span className="table-under">{roleText[person.role]}</span>
                    </>
                  ),
              },
              {
                name: "Signed in",
                align: "end",
                narrow: true,
                cell: (person) => (person.last_sign_in_at ? <Time at={person.last_sign_in_at} inherit /> : "never"),
              },
              { name: "Since", align: "end", narrow: true, cell: (person) => <Time at={person.created_at} inherit /> },
              {
                name: "Actions",
                align: "end",
                narrow: true,
                unlabelled: true,
                cell: (person) =>
                  manages && person.email !== session?.email && (isOwner || person.role !== "owner") ? (
                    <Group gap={6} justify="flex-end" wrap="nowrap">
                      {offers("create_password_reset") && (
                        <Button
                          size="compact-xs"
                          variant="default"
                          onClick={() => setResetting(person)}
                          aria-label={`New password for ${person.email}`}
                        >
                          New password
                        </Button>
                      )}
                      <Button size="compact-xs" variant="default" onClick={() => setRemoving(person)} aria-label={`Remove ${person.email}`}>
                        Remove
                      </Button>
                    </Group>
                  ) : (
                    ""
                  ),
              },
            ]}
          />
        </div>
      )}
      {manages && offers("list_invitations") && <Invitations />}
      {inviting && <Invite close={closeInvite} isOwner={isOwner} />}
      {removing && <Remove person={removing} close={() => setRemoving(null)} />}
      {resetting && <ResetLink person={resetting} close={() => setResetting(null)} />}
    </Page>
  );
}

function Remove({ person: { person_id, email }, close }: { person: Person; close: () => void }) {
  const removal = useDeletePerson();
  const keys = useApiKeys();
  const theirs = (keys.data?.api_keys ?? []).filter((key) => key.owner_email === email && !isOver(key)).map(({ name }) => name);
  return (
    <Confirm
      title={`Remove ${email}`}
      action="Remove"
      pending={removal.isPending}
      error={removal.error}
      close={close}
      run={() => removal.mutate(person_id, { onSuccess: close })}
    >
      {email} is signed out everywhere and cannot sign in any more.{" "}
      {theirs.length > 0
        ? `Their API keys end: ${theirs.join(", ")}. What uses them is refused from now on.`
        : keys.data
          ? "They have no API key that would end."
          : "Their API keys end."}{" "}
      Links that they made are over. Histories keep the address.
    </Confirm>
  );
}

function ResetLink({ person, close }: { person: Person; close: () => void }) {
  const reset = useMakePasswordReset();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate(person.person_id);
  };
  return (
    <Modal opened onClose={close} title={`New password for ${person.email}`} closeButtonProps={{ "aria-label": "Close" }}>
      {reset.data ? (
        <SecretMade label={`Link for ${reset.data.email}`} value={passwordResetLink(reset.data.token)} close={close}>
          Hand it on yourself: Letterlock sends no mail. It holds for an hour and works once.
        </SecretMade>
      ) : (
        <form onSubmit={submit}>
          <Stack gap="md">
            <div style={{ fontSize: 14 }}>
              You get a link, by which {person.email} chooses a new password. Until it is used the old one holds; using it ends their other
              sessions. A link that was made before is over.
            </div>
            <DialogActions action="Make the link" close={close} pending={reset.isPending} error={reset.error} />
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function Invitations() {
  const invitations = useInvitations();
  const removal = useDeleteInvitation();
  if (invitations.isError) return <Failed error={invitations.error} retry={() => void invitations.refetch()} />;
  if (!invitations.data || invitations.data.invitations.length === 0) return null;
  const isOver = ({ expires_at }: Invitation) => Date.parse(expires_at) < Date.now();
  return (
    <Panel title="Invitations" about="Nobody has accepted these yet" flush>
      {removal.isError && <Failed error={removal.error} />}
      <DataTable
        label="Invitations"
        rows={invitations.data.invitations}
        rowKey={(row) => row.invitation_id}
        columns={[
          { name: "Person", unlabelled: true, cell: (row) => <span className="table-main">{row.email}</span> },
          { name: "Role", cell: (row) => row.role },
          {
            name: "Invited",
            cell: (row) => (
              <>
                <Time at={row.created_at} inherit /> <span className="table-under">by {row.invited_by}</span>
              </>
            ),
          },
          {
            name: "Link",
            narrow: true,
            cell: (row) =>
              isOver(row) ? (
                <StateBadge tone="quiet">over</StateBadge>
              ) : (
                <>
                  ends <Time at={row.expires_at} inherit />
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
                loading={removal.isPending && removal.variables === row.invitation_id}
                onClick={() => removal.mutate(row.invitation_id)}
                aria-label={`Take back the invitation of ${row.email}`}
              >
                Take back
              </Button>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function Invite({ close, isOwner }: { close: () => void; isOwner: boolean }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("analyst");
  const invite = useInvite();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate({ email: email.trim(), role });
  };
  return (
    <Modal opened onClose={close} title="Invite a person" closeButtonProps={{ "aria-label": "Close" }}>
      {invite.data ? (
        <SecretMade label={`Link for ${invite.data.invitation.email}`} value={invitationLink(invite.data.token)} close={close}>
          Hand it on yourself: Letterlock sends no mail. It holds for 7 days and works once.
        </SecretMade>
      ) : (
        <form onSubmit={submit}>
          <Stack gap="md">
            <TextInput
              label="E-mail address"
              type="email"
              required
              withAsterisk={false}
              minLength={3}
              maxLength={320}
              data-autofocus
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <Select
              label="Role"
              description={roleText[role]}
              allowDeselect={false}
              value={role}
              onChange={(value) => setRole((value as Role | null) ?? role)}
              data={roles.filter((one) => isOwner || one !== "owner")}
            />
            <DialogActions action="Make the link" close={close} pending={invite.isPending} error={invite.error} />
          </Stack>
        </form>
      )}
    </Modal>
  );
}

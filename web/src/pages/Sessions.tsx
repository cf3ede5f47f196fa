import { Button, PasswordInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";

import { ApiError } from "../api/client";
import { offers } from "../api/offered";
import { useChangePassword, useEndSession, useSessions } from "../api/session";
import { DataTable } from "../components/DataTable";
import { passwordMin } from "../components/LinkPage";
import { Page } from "../components/Page";
import { Panel } from "../components/Panel";
import { StateBadge } from "../components/Severity";
import { Failed, LoadingRows } from "../components/States";
import { Time } from "../components/Time";
import { fullTime } from "../text/time";

/** A person's own password, and where they are signed in. */
export default function Sessions() {
  const sessions = useSessions();
  const end = useEndSession();
  return (
    <Page title="Password and sessions" width={820}>
      {offers("change_password") && <Password />}
      <Panel title="Where you are signed in" flush>
        {sessions.isPending && <LoadingRows what="sessions" rows={2} />}
        {sessions.isError && <Failed error={sessions.error} retry={() => void sessions.refetch()} />}
        {end.isError && <Failed error={end.error} />}
        {sessions.data && (
          <DataTable
            label="Sessions"
            rows={sessions.data.sessions}
            rowKey={(row) => row.session_id}
            columns={[
              {
                name: "Session",
                unlabelled: true,
                cell: (row) => (
                  <>
                    since {fullTime(row.created_at)} {row.is_this && <StateBadge tone="working">this one</StateBadge>}
                  </>
                ),
              },
              { name: "Ends", align: "end", narrow: true, cell: (row) => <Time at={row.expires_at} inherit /> },
              {
                name: "Actions",
                align: "end",
                narrow: true,
                unlabelled: true,
                cell: (row) =>
                  row.is_this ? (
                    ""
                  ) : (
                    <Button
                      size="compact-xs"
                      variant="default"
                      loading={end.isPending && end.variables === row.session_id}
                      onClick={() => end.mutate(row.session_id)}
                    >
                      End
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Panel>
    </Page>
  );
}

function Password() {
  const [password, setPassword] = useState("");
  const [next, setNext] = useState("");
  const change = useChangePassword();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { password, new_password: next },
      {
        onSuccess: () => {
          setPassword("");
          setNext("");
          notifications.show({ message: "Your password is changed. All other sessions of yours have ended." });
        },
      },
    );
  };
  const wrong = change.error instanceof ApiError && change.error.status === 401;
  return (
    <Panel title="Password">
      <form onSubmit={submit} className="rule-settings">
        <PasswordInput
          label="Password of now"
          autoComplete="current-password"
          required
          withAsterisk={false}
          maxLength={1024}
          value={password}
          error={wrong ? "This is not your password." : undefined}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description={`${passwordMin} characters or more; a sentence is good`}
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={passwordMin}
          maxLength={1024}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        {change.isError && !wrong && <Failed error={change.error} />}
        <Button
          type="submit"
          size="xs"
          style={{ justifySelf: "start" }}
          loading={change.isPending}
          disabled={!password || next.length < passwordMin}
        >
          Change password
        </Button>
      </form>
    </Panel>
  );
}

import { Anchor, Button, PasswordInput, Stack, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";

import { useAcceptInvitation, useInvitationPreview } from "../api/session";
import { Failed, Loading } from "../components/States";
import { fullTime } from "../text/time";
import { invitationToken } from "../text/invitation";

export const passwordMin = 12;

/** Where the link of an invitation leads: the person chooses a password and is signed in. */
export default function AcceptInvitation() {
  useDocumentTitle("Invitation · Letterlock");
  const [token] = useState(() => invitationToken(window.location.hash));
  const [password, setPassword] = useState("");
  const preview = useInvitationPreview(token);
  const accept = useAcceptInvitation();
  const navigate = useNavigate();
  const invitation = preview.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    accept.mutate({ token, password }, { onSuccess: () => void navigate("/", { replace: true }) });
  };
  return (
    <main className="front">
      <div className="front-panel">
        <img src="/letterlock.svg" alt="" width={44} height={44} />
        <Title order={1}>{invitation ? `Join ${invitation.tenant_name}` : "Invitation"}</Title>
        {token && preview.isPending && <Loading what="the invitation" />}
        {preview.isError && <Failed error={preview.error} retry={() => void preview.refetch()} />}
        {(token === "" || invitation === null) && (
          <>
            <p>This link is over, was used already, or is not whole.</p>
            <p>Ask whoever sent it for a new one. If you have a password, sign in.</p>
            <Anchor href="/">Sign in</Anchor>
          </>
        )}
        {invitation && (
          <form onSubmit={submit}>
            <Stack>
              <p>
                As {invitation.email}, with the role {invitation.role}. The link ends on {fullTime(invitation.expires_at)}.
              </p>
              <input type="hidden" name="username" autoComplete="username" value={invitation.email} readOnly />
              <PasswordInput
                label="Password of your own"
                description={`${passwordMin} characters or more; a sentence is good`}
                autoComplete="new-password"
                minLength={passwordMin}
                maxLength={1024}
                required
                withAsterisk={false}
                autoFocus
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
              {accept.isError && <Failed error={accept.error} missing="This link is over or was used already. Ask for a new one." />}
              <Button type="submit" loading={accept.isPending} disabled={password.length < passwordMin}>
                Join
              </Button>
            </Stack>
          </form>
        )}
      </div>
    </main>
  );
}

import { Anchor, Button, PasswordInput, Stack, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { UseMutationResult, UseQueryResult } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useNavigate } from "react-router";

import type { Session } from "../api/session";
import { Failed, Loading } from "./States";

export const passwordMin = 12;

interface LinkPageProps<About extends { email: string }> {
  /** What the link is: "Invitation". */
  name: string;
  token: string;
  /** Whom the link is for; null where it is unknown, over or used. */
  preview: UseQueryResult<About | null>;
  use: UseMutationResult<Session, Error, { token: string; password: string }>;
  title: (about: About) => string;
  explain: (about: About) => ReactNode;
  label: string;
  /** What the button says. */
  action: string;
}

/** Where a link leads that is good once: the person chooses a password and is signed in. */
export function LinkPage<About extends { email: string }>(props: LinkPageProps<About>) {
  const { name, token, preview, use, title, explain, label, action } = props;
  useDocumentTitle(`${name} · Letterlock`);
  const [password, setPassword] = useState("");
  const navigate = useNavigate();
  const about = preview.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    use.mutate({ token, password }, { onSuccess: () => void navigate("/", { replace: true }) });
  };
  return (
    <main className="front">
      <div className="front-panel">
        <img src="/letterlock.svg" alt="" width={44} height={44} />
        <Title order={1}>{about ? title(about) : name}</Title>
        {token && preview.isPending && <Loading what="the link" />}
        {preview.isError && <Failed error={preview.error} retry={() => void preview.refetch()} />}
        {(token === "" || about === null) && (
          <>
            <p>This link is over, was used already, or is not whole.</p>
            <p>Ask whoever sent it for a new one. If you have a password, sign in.</p>
            <Anchor href="/">Sign in</Anchor>
          </>
        )}
        {about && (
          <form onSubmit={submit}>
            <Stack>
              <p>{explain(about)}</p>
              <input type="hidden" name="username" autoComplete="username" value={about.email} readOnly />
              <PasswordInput
                label={label}
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
              {use.isError && <Failed error={use.error} missing="This link is over or was used already. Ask for a new one." />}
              <Button type="submit" loading={use.isPending} disabled={password.length < passwordMin}>
                {action}
              </Button>
            </Stack>
          </form>
        )}
      </div>
    </main>
  );
}

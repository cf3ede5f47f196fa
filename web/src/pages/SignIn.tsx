import { Alert, Button, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { type FormEvent, useState } from "react";

import { ApiError } from "../api/client";
import { useSignIn } from "../api/session";

export function SignIn() {
  useDocumentTitle("Sign in · Letterlock");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useSignIn();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email: email.trim(), password });
  };
  const refused = signIn.error instanceof ApiError ? signIn.error : null;

  return (
    <main className="front">
      <div className="front-panel">
        <img src="/letterlock.svg" alt="" width={44} height={44} />
        <Title order={1}>Letterlock</Title>
        <p>Finds the fraud in your company’s mail</p>
        <form onSubmit={submit}>
          <Stack>
            {refused && (
              <Alert color="red" role="alert" title={refused.status === 401 ? "E-mail address or password is wrong" : refused.title}>
                {refused.status === 401
                  ? "Check both and try again. Who forgot the password asks an admin of their company for a link to set a new one."
                  : refused.status === 429
                    ? "Too many attempts. Wait a minute, then try again."
                    : refused.detail}
              </Alert>
            )}
            <TextInput
              label="E-mail address"
              type="email"
              name="email"
              autoComplete="username"
              required
              withAsterisk={false}
              autoFocus
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" loading={signIn.isPending} fullWidth mt="xs">
              Sign in
            </Button>
          </Stack>
        </form>
      </div>
    </main>
  );
}

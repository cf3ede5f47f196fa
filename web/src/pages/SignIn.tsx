import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
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
    <Center mih="100dvh" p="md" component="main">
      <Paper withBorder shadow="sm" p="xl" w={400} maw="100%" className="panel">
        <form onSubmit={submit}>
          <Stack>
            <Stack gap={4} align="center" mb="xs">
              <img src="/letterlock.svg" alt="" width={48} height={48} />
              <Title order={1} size="h2">
                Letterlock
              </Title>
              <Text size="sm" c="dimmed">
                Finds the fraud in your company’s mail
              </Text>
            </Stack>
            {refused && (
              <Alert color="red" role="alert" title={refused.status === 401 ? "E-mail address or password is wrong" : refused.title}>
                {refused.status === 401
                  ? "Check both and try again. The operator of this Letterlock can set a new password."
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
      </Paper>
    </Center>
  );
}

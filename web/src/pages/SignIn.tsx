import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { ApiError } from "../api/client";
import { useSignIn } from "../api/session";

export function SignIn() {
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
      <Paper withBorder shadow="sm" p="xl" w={400} maw="100%">
        <form onSubmit={submit}>
          <Stack>
            <Stack gap={4} align="center">
              <img src="/letterlock.svg" alt="" width={44} height={44} />
              <Title order={1} size="h2">
                Letterlock
              </Title>
              <Text size="sm" c="dimmed">
                Finds the fraud in your company’s mail
              </Text>
            </Stack>
            {refused && (
              <Alert color="red" role="alert">
                {refused.status === 401 ? "E-mail address or password is wrong." : refused.message}
              </Alert>
            )}
            <TextInput label="E-mail" type="email" autoComplete="username" required autoFocus value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
            <PasswordInput label="Password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
            <Button type="submit" loading={signIn.isPending} fullWidth>
              Sign in
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}

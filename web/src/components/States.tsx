import { Alert, Button, Center, Loader, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { ApiError } from "../api/client";

export function Loading({ what }: { what: string }) {
  return (
    <Center mih={200} role="status">
      <Stack align="center" gap="xs">
        <Loader size="sm" aria-hidden />
        <Text size="sm" c="dimmed">
          Loading {what}…
        </Text>
      </Stack>
    </Center>
  );
}

/** Nothing to show, why, and the next step. */
export function Empty({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <Center mih={260} p="lg">
      <Stack align="center" gap="xs" maw={440} ta="center">
        {icon}
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text size="sm" c="dimmed" component="div">
          {children}
        </Text>
      </Stack>
    </Center>
  );
}

const nextStep: Record<number, string> = {
  401: "Your session has ended. Sign in again.",
  404: "It does not exist, or it belongs to another company.",
  429: "Too many requests. Wait a moment, then try again.",
};

/** What went wrong, in the API's words, and what to do. `missing` says what a 404 means here. */
export function Failed({ error, retry, missing, centred }: { error: unknown; retry?: () => void; missing?: string; centred?: boolean }) {
  const known = error instanceof ApiError ? error : new ApiError(0, "Something went wrong", String(error));
  const text = known.status === 404 && missing ? missing : (nextStep[known.status] ?? known.detail);
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle size={18} />}
      title={known.title}
      maw={640}
      my="md"
      mx={centred ? "auto" : undefined}
      role="alert"
    >
      {text && <Text size="sm">{text}</Text>}
      {retry && known.status !== 403 && known.status !== 404 && (
        <Button mt="sm" size="xs" variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

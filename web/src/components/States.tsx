import { Alert, Anchor, Button, Center, Loader, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

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

/** The shape of a list that is being read. */
export function LoadingRows({ what, rows = 6 }: { what: string; rows?: number }) {
  return (
    <div role="status" className="loading-rows">
      <span className="only-read">Loading {what}…</span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="loading-row" />
      ))}
    </div>
  );
}

/** Nothing to show, why, and the next step. */
export function Empty({
  icon,
  title,
  isPage,
  next,
  children,
}: {
  icon: ReactNode;
  title: string;
  isPage?: boolean;
  next?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="state">
      {icon}
      <Title order={isPage ? 1 : 2}>{title}</Title>
      {children && <div className="state-text">{children}</div>}
      {next && <div className="state-next">{next}</div>}
    </div>
  );
}

/** A page that the person's role does not open. */
export function NoPermission({ what, needs }: { what: string; needs: string }) {
  return (
    <Empty
      icon={<IconLock size={34} stroke={1.3} aria-hidden />}
      title={`Your role does not open ${what}`}
      isPage
      next={
        <Anchor component={Link} to="/" size="sm">
          Go to the first page
        </Anchor>
      }
    >
      This needs the role {needs}. An owner or admin of your company can change your role under People.
    </Empty>
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
      my="sm"
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

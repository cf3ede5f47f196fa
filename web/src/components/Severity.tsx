import { Badge } from "@mantine/core";

import type { AlertStatus, Severity } from "../api/alerts";

/** The words on screen are the API's, with a space for the underscore. */
export const statusText = (status: string) => status.replaceAll("_", " ");

export function SeverityBadge({ severity }: { severity: Severity }) {
  return (
    <Badge className={`tag severity-${severity}`} size="md" radius="sm" tt="none" fw={600}>
      {severity}
    </Badge>
  );
}

export function StatusBadge({ status }: { status: AlertStatus }) {
  return (
    <Badge className={`tag status-${status}`} size="md" radius="sm" tt="none" fw={500}>
      {statusText(status)}
    </Badge>
  );
}

export type Tone = "good" | "working" | "bad" | "quiet";

/** A state of anything else: connections, mailboxes, jobs, verdicts. */
export function StateBadge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <Badge className={`tag tone-${tone}`} size="md" radius="sm" tt="none" fw={500}>
      {children}
    </Badge>
  );
}

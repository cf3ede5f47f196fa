import type { ReactNode } from "react";

import type { AlertStatus, Severity } from "../api/alerts";

/** The words on screen are the API's, with a space for the underscore. */
export const words = (name: string) => name.replaceAll("_", " ");

export function SeverityBadge({ severity }: { severity: Severity }) {
  return <span className={`tag severity-${severity}`}>{severity}</span>;
}

export function StatusBadge({ status }: { status: AlertStatus }) {
  return <span className={`tag status-${status}`}>{words(status)}</span>;
}

export type Tone = "good" | "working" | "warning" | "bad" | "quiet";

/** A state of anything else: connections, mailboxes, jobs, verdicts. */
export function StateBadge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`tag tone-${tone}`}>{children}</span>;
}

import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import { type AlertDetail, type AlertStatus, useChangeAlert } from "../api/alerts";
import { useMay } from "../api/session";
import { Failed } from "../components/States";
import { partRunbook } from "../text/runbook";
import { Section } from "./Section";
import { MarkdownText } from "./Why";

const actions: Record<AlertStatus, string> = {
  in_progress: "Start work",
  resolved: "Resolve",
  dismissed: "Dismiss",
  open: "Open again",
};
const offered: Record<AlertStatus, AlertStatus[]> = {
  open: ["in_progress", "resolved", "dismissed"],
  in_progress: ["resolved", "dismissed", "open"],
  resolved: ["open"],
  dismissed: ["open"],
};

/** What the rule's author says to do, and the status and notes of those who do it. */
export function Decide({ alert }: { alert: AlertDetail }) {
  const [note, setNote] = useState("");
  const may = useMay();
  const change = useChangeAlert(alert.alert_id);
  const text = note.trim();
  const apply = (status?: AlertStatus) =>
    change.mutate({ ...(status ? { status } : {}), ...(text ? { note: text } : {}) }, { onSuccess: () => setNote("") });
  return (
    <Section title="What to do" order={2}>
      {alert.runbook && <MarkdownText text={partRunbook(alert.runbook).todo} />}
      {may.act ? (
        <Stack gap="sm" mt={alert.runbook ? "md" : 0}>
          <Textarea
            label="Note"
            placeholder="What you found, for the next person"
            autosize
            minRows={2}
            maxRows={10}
            maxLength={4000}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Group gap={6}>
            {offered[alert.status].map((status, index) => (
              <Button
                key={status}
                size="xs"
                variant={index === 0 ? "filled" : "default"}
                disabled={change.isPending}
                onClick={() => apply(status)}
              >
                {actions[status]}
              </Button>
            ))}
            {text && (
              <Button size="xs" variant="subtle" disabled={change.isPending} onClick={() => apply()}>
                Add note only
              </Button>
            )}
          </Group>
          {text && (
            <Text size="xs" c="dimmed">
              The note is stored with the button that you press.
            </Text>
          )}
        </Stack>
      ) : (
        <Text size="sm" c="dimmed" mt="sm">
          Your role, viewer, may read alerts. An analyst, admin or owner can change their status.
        </Text>
      )}
      {change.isError && <Failed error={change.error} />}
    </Section>
  );
}

import { Checkbox, Modal, Select, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";

import type { AlertDetail } from "../api/alerts";
import { type NewSuppression, useCreateSuppression } from "../api/suppressions";
import { DialogActions } from "../components/DialogActions";

const days = [1, 7, 30, 90, 366];
type Part = keyof NewSuppression["key"];

/** Asks for the key, the reason and the time of a suppression; all three are kept. */
export function Suppress({ alert, close }: { alert: AlertDetail; close: () => void }) {
  const parts: { part: Part; value: string; label: string }[] = [
    { part: "rule_id" as const, value: alert.rule_id, label: "of the rule" },
    { part: "entity" as const, value: alert.entity, label: "about" },
    { part: "subject" as const, value: alert.subject, label: "that concern" },
    { part: "dedup_key" as const, value: alert.dedup_key ?? "", label: "of the campaign" },
  ].filter(({ value }) => value !== "");
  const [chosen, setChosen] = useState<string[]>(["rule_id", "entity"]);
  const [reason, setReason] = useState("");
  const [forDays, setForDays] = useState("30");
  const create = useCreateSuppression();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const key = Object.fromEntries(parts.filter(({ part }) => chosen.includes(part)).map(({ part, value }) => [part, value]));
    // A minute less than the longest time, for a server whose clock is behind.
    const until = new Date(Date.now() + Number(forDays) * 86_400_000 - 60_000).toISOString();
    create.mutate(
      { key, reason: reason.trim(), until },
      {
        onSuccess: () => {
          notifications.show({ message: "Findings with this key make no alert from now on. Suppressions lists it." });
          close();
        },
      },
    );
  };
  return (
    <Modal opened onClose={close} title="Suppress alerts like this" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">
            Findings that have all of these make no alert for the time that you choose. This alert, and others that are there, stay as they
            are.
          </Text>
          <Checkbox.Group label="Findings" value={chosen} onChange={setChosen}>
            <Stack gap={8} mt={6}>
              {parts.map(({ part, value, label }) => (
                <Checkbox
                  key={part}
                  size="sm"
                  value={part}
                  label={
                    <span className="breakable">
                      {label} <strong>{value}</strong>
                    </span>
                  }
                />
              ))}
            </Stack>
          </Checkbox.Group>
          <Textarea
            label="Reason"
            description="For whoever asks later why no alert came"
            required
            withAsterisk={false}
            maxLength={1000}
            autosize
            minRows={2}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Select
            label="For"
            allowDeselect={false}
            value={forDays}
            onChange={(value) => setForDays(value ?? forDays)}
            data={days.map((count) => ({
              value: String(count),
              label: count === 1 ? "1 day" : count === 366 ? "1 year" : `${count} days`,
            }))}
          />
          <DialogActions
            action="Suppress"
            close={close}
            pending={create.isPending}
            error={create.error}
            disabled={chosen.length === 0 || !reason.trim()}
          />
        </Stack>
      </form>
    </Modal>
  );
}

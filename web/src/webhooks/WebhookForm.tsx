import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import type { NewWebhook, WebhookEvent } from "../api/webhooks";
import { Failed } from "../components/States";

const events: { event: WebhookEvent; about: string }[] = [
  { event: "alert.created", about: "a new alert was made" },
  { event: "alert.changed", about: "status, assignee or feedback changed" },
  { event: "connection.broken", about: "mail is no longer read" },
  { event: "job.dead", about: "a job was given up" },
];

interface WebhookFormProps {
  begin: NewWebhook;
  action: string;
  pending: boolean;
  error: unknown;
  cancel?: () => void;
  submit: (body: NewWebhook) => void;
}

/** Name, address and events of a webhook. */
export function WebhookForm({ begin, action, pending, error, cancel, submit }: WebhookFormProps) {
  const [name, setName] = useState(begin.name);
  const [url, setUrl] = useState(begin.url);
  const [chosen, setChosen] = useState<string[]>(begin.events);
  const send = (event: FormEvent) => {
    event.preventDefault();
    submit({ name: name.trim(), url: url.trim(), events: events.map((one) => one.event).filter((one) => chosen.includes(one)) });
  };
  return (
    <form onSubmit={send}>
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          withAsterisk={false}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label="Address"
          description="https, reachable from the internet"
          type="url"
          required
          withAsterisk={false}
          maxLength={2000}
          placeholder="https://"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <Checkbox.Group label="Events" value={chosen} onChange={setChosen}>
          <div className="scope-grid">
            {events.map(({ event, about }) => (
              <Checkbox key={event} size="sm" value={event} label={event} description={about} />
            ))}
          </div>
        </Checkbox.Group>
        {error ? <Failed error={error} /> : null}
        <Group justify={cancel ? "end" : "start"} gap="xs">
          {cancel && (
            <Button variant="default" onClick={cancel}>
              Cancel
            </Button>
          )}
          <Button type="submit" size={cancel ? "sm" : "xs"} loading={pending} disabled={chosen.length === 0}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";

import { Failed } from "./States";

interface ConfirmProps {
  title: string;
  /** What the button says: the deed itself. */
  action: string;
  /** What must be typed first, where the deed cannot be undone. */
  typed?: string;
  pending: boolean;
  error: unknown;
  close: () => void;
  run: () => void;
  children: ReactNode;
}

/** Asks before something that cannot be taken back, and says what will happen. */
export function Confirm({ title, action, typed, pending, error, close, run, children }: ConfirmProps) {
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run();
  };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <div style={{ fontSize: 14 }}>{children}</div>
          {typed && (
            <TextInput
              label={`Type ${typed} to confirm`}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
          {error ? <Failed error={error} /> : null}
          <Group justify="end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" color="red" loading={pending} disabled={typed !== undefined && text !== typed}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

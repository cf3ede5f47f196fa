import { Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";

import { DialogActions } from "./DialogActions";

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
          <DialogActions
            action={action}
            close={close}
            pending={pending}
            error={error}
            disabled={typed !== undefined && text !== typed}
            danger
          />
        </Stack>
      </form>
    </Modal>
  );
}

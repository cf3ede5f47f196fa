import { Button, Group } from "@mantine/core";

import { Failed } from "./States";

interface DialogActionsProps {
  /** What the button says: the deed itself. */
  action: string;
  close: () => void;
  pending: boolean;
  error: unknown;
  disabled?: boolean;
  /** It cannot be taken back. */
  danger?: boolean;
}

/** The end of a dialog's form: what went wrong, the way back, the deed. */
export function DialogActions({ action, close, pending, error, disabled = false, danger = false }: DialogActionsProps) {
  return (
    <>
      {error ? <Failed error={error} /> : null}
      <Group justify="end" gap="xs">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" {...(danger ? { color: "red" } : {})} loading={pending} disabled={disabled}>
          {action}
        </Button>
      </Group>
    </>
  );
}

import { Button, CopyButton, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** A secret that the server hands out once. */
export function Secret({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="sm" fw={550} mb={4}>
        {label}
      </Text>
      <div className="secret">
        <span style={{ flex: 1 }} data-testid="secret">
          {value}
        </span>
        {/* The clipboard is there on secure pages only. */}
        {window.isSecureContext && (
          <CopyButton value={value}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="default" onClick={copy} aria-label={`Copy ${label.toLowerCase()}`}>
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
        )}
      </div>
      <Text size="xs" c="dimmed" mt={6}>
        It is shown this once. Keep it where your secrets are; if it is lost, make a new one.
      </Text>
    </div>
  );
}

/** What a dialog shows in place of its form once the secret is made. */
export function SecretMade({ label, value, close, children }: { label: string; value: string; close: () => void; children?: ReactNode }) {
  return (
    <Stack gap="md">
      <Secret label={label} value={value} />
      {children && <div className="panel-about">{children}</div>}
      <Group justify="end">
        <Button onClick={close}>Done</Button>
      </Group>
    </Stack>
  );
}

import { Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

/** A page with its heading, its title in the browser's tab, and room for actions. */
export function Page({ title, about, actions, children }: { title: string; about?: string; actions?: ReactNode; children: ReactNode }) {
  useDocumentTitle(`${title} · Letterlock`);
  return (
    <Stack gap="lg" maw={1180} mx="auto">
      <Group justify="space-between" align="start" gap="sm">
        <div>
          <Title order={1} size="h2">
            {title}
          </Title>
          {about && (
            <Text size="sm" c="dimmed">
              {about}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </Stack>
  );
}

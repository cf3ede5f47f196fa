import { Paper, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** One titled panel of the alert's page; `order` is its place on a phone. */
export function Section({ title, order, actions, children }: { title: string; order: number; actions?: ReactNode; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title} className={`panel order-${order}`}>
      <div style={{ display: "flex", justifyContent: "space-between", alignItems: "center", marginBottom: 12 }}>
        <Title order={2} size="h5">
          {title}
        </Title>
        {actions}
      </div>
      {children}
    </Paper>
  );
}

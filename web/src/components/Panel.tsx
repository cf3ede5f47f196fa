import { Title } from "@mantine/core";
import type { ReactNode } from "react";

interface PanelProps {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  /** A table or list reaches the panel's edges. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

/** One titled part of a page; screen readers find it by its title. */
export function Panel({ title, about, actions, flush, className, children }: PanelProps) {
  return (
    <section aria-label={title} className={`panel ${className ?? ""}`}>
      <div className="panel-head">
        <div>
          <Title order={2}>{title}</Title>
          {about && <div className="panel-about">{about}</div>}
        </div>
        {actions}
      </div>
      <div className={flush ? undefined : "panel-body"}>{children}</div>
    </section>
  );
}

import { Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

interface PageProps {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  /** In pixels; lists of many columns are wider than forms. */
  width?: number;
  children: ReactNode;
}

/** A page with its heading, its title in the browser's tab, and room for actions. */
export function Page({ title, about, actions, width = 1200, children }: PageProps) {
  useDocumentTitle(`${title} · Letterlock`);
  return (
    <div className="page" style={{ maxWidth: width }}>
      <div className="page-head">
        <div>
          <Title order={1}>{title}</Title>
          {about && <div className="page-about">{about}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      <div className="page-body">{children}</div>
    </div>
  );
}

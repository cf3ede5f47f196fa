import { Anchor, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

interface PageProps {
  title: string;
  /** The list that the page belongs to. */
  back?: { to: string; label: string };
  about?: ReactNode;
  actions?: ReactNode;
  /** In pixels; lists of many columns are wider than forms. */
  width?: number;
  children: ReactNode;
}

/** A page with its heading, its title in the browser's tab, and room for actions. */
export function Page({ title, back, about, actions, width = 1200, children }: PageProps) {
  useDocumentTitle(`${title} · Letterlock`);
  return (
    <div className="page" style={{ maxWidth: width }}>
      {back && (
        <Anchor component={Link} to={back.to} size="sm" underline="hover" className="back page-back">
          <IconArrowLeft size={16} aria-hidden /> {back.label}
        </Anchor>
      )}
      <div className="page-head">
        <Title order={1}>{title}</Title>
        {actions && <div className="page-actions">{actions}</div>}
        {about && <div className="page-about">{about}</div>}
      </div>
      <div className="page-body">{children}</div>
    </div>
  );
}

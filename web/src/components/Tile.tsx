import type { ReactNode } from "react";
import { Link } from "react-router";

/** A number with its name; `to` leads to what it counts. */
export function Tile({ label, value, under, to }: { label: ReactNode; value: ReactNode; under?: ReactNode; to?: string }) {
  const content = (
    <>
      <div className="tile-label">{label}</div>
      <div className="tile-value">{value}</div>
      {under && <div className="tile-under">{under}</div>}
    </>
  );
  return to ? (
    <Link to={to} className="tile">
      {content}
    </Link>
  ) : (
    <div className="tile">{content}</div>
  );
}

import { Link, useLocation } from "react-router";

import type { PlaceGroup } from "./places";

/** The list of pages beside every page. `counts` says how much waits at an address. */
export function Navigation({ groups, counts, onGo }: { groups: PlaceGroup[]; counts: Record<string, string>; onGo: () => void }) {
  const { pathname } = useLocation();
  return (
    <>
      {groups.map(({ name, places }) => (
        <div key={name} className="places">
          <div className="places-name" id={`places-${name}`}>
            {name}
          </div>
          <ul aria-labelledby={`places-${name}`}>
            {places.map(({ to, label, icon: Icon }) => {
              const here = pathname === to || pathname.startsWith(`${to}/`);
              return (
                <li key={to}>
                  <Link to={to} className="place" aria-current={here ? "page" : undefined} onClick={onGo}>
                    <Icon size={17} stroke={1.7} aria-hidden />
                    <span>{label}</span>
                    {counts[to] && <span className="place-count">{counts[to]}</span>}
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </>
  );
}

import { initials } from "../text/initials";

/** Two letters that stand for a person; the name itself stands beside them or in their title. */
export function Initials({ of: name, size = 22 }: { of: string; size?: number }) {
  return (
    <span className="initials" style={{ width: size, height: size, fontSize: size * 0.42 }} aria-hidden>
      {initials(name)}
    </span>
  );
}

import { IconCircleCheck, IconCircleDashed, IconCircleX } from "@tabler/icons-react";

import type { ConnectionTest } from "../api/connections";

const names: Record<ConnectionTest["checks"][number]["name"], string> = {
  credentials: "Signing in at the provider",
  directory: "Listing users",
  mail: "Reading a mailbox",
  settings: "Reading inbox rules and forwarding",
};
const icons = {
  passed: <IconCircleCheck size={18} aria-label="passed" className="check-passed" />,
  failed: <IconCircleX size={18} aria-label="failed" className="check-failed" />,
  skipped: <IconCircleDashed size={18} aria-label="not tried" className="check-skipped" />,
};

/** What works and what is missing, in the provider's words. */
export function TestResult({ test }: { test: ConnectionTest }) {
  const settingsOnly = test.ok && test.checks.some(({ outcome }) => outcome === "failed");
  return (
    <div role="status" className="test">
      <strong>
        {test.ok ? (settingsOnly ? "Mail can be read, with one thing missing" : "Everything works") : "Mail cannot be read yet"}
      </strong>
      <ul className="checks">
        {test.checks.map(({ name, outcome, reason }) => (
          <li key={name}>
            {icons[outcome]}
            <div>
              {names[name]}
              {outcome === "skipped" && <span className="table-under"> — not tried, it needs the one before</span>}
              {reason && <div className="table-under breakable">{reason}</div>}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

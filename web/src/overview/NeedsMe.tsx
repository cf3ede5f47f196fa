import { Anchor } from "@mantine/core";
import { IconChevronRight, IconCircleCheck, IconMailOff, IconPlugConnectedX, IconReload } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { severities, useAlerts } from "../api/alerts";
import { type Connection, useConnections } from "../api/connections";
import type { Coverage } from "../api/statistics";
import { Panel } from "../components/Panel";
import { SeverityBadge } from "../components/Severity";
import { Failed, LoadingRows } from "../components/States";
import { Time } from "../components/Time";
import { revealInvisible } from "../text/defang";

/** How many alerts are named here; the list has them all. */
const shownMax = 6;

/** The undecided alerts that weigh most, and what keeps mail from being read. */
export function NeedsMe({ coverage }: { coverage: Coverage | undefined }) {
  const alerts = useAlerts({ status: ["open"], severity: ["critical", "high"] });
  const rows = alerts.data?.pages.flatMap((page) => page.alerts) ?? [];
  const first = [...rows].sort((left, right) => severities.indexOf(left.severity) - severities.indexOf(right.severity)).slice(0, shownMax);
  const stopped = coverage !== undefined && coverage.connections.broken + coverage.connections.stalled > 0;
  const connections = useConnections(stopped).data?.connections ?? [];
  const troubles = coverage ? troublesOf(coverage, connections) : [];
  return (
    <Panel
      title="What needs me now"
      flush
      actions={
        rows.length > shownMax && (
          <Anchor component={Link} to="/alerts?severity=critical&severity=high" size="sm">
            All {rows.length}
            {alerts.hasNextPage ? "+" : ""}
          </Anchor>
        )
      }
    >
      {alerts.isPending && <LoadingRows what="alerts" rows={4} />}
      {alerts.isError && <Failed error={alerts.error} retry={() => void alerts.refetch()} />}
      <ul className="needs">
        {troubles.map(({ text, reason, to, icon }) => (
          <li key={text} className="need need-trouble">
            {icon}
            <div className="breakable">
              <Link to={to} className="need-link">
                {text}
              </Link>
              {reason && <div>{reason}</div>}
            </div>
            <IconChevronRight size={15} aria-hidden />
          </li>
        ))}
        {first.map((alert) => (
          <li key={alert.alert_id} className="need">
            <SeverityBadge severity={alert.severity} />
            <div className="need-what">
              <Link to={`/alerts/${alert.alert_id}`} state={{ search: "severity=critical&severity=high" }} className="need-link">
                {alert.title}
              </Link>
              <div className="need-whom">
                {revealInvisible(alert.entity)} → {alert.subject}
              </div>
            </div>
            <Time at={alert.last_seen_at} className="need-time" />
          </li>
        ))}
      </ul>
      {alerts.data && first.length + troubles.length === 0 && (
        <div className="needs-none">
          <IconCircleCheck size={18} aria-hidden /> Nothing critical or high is open{coverage?.is_covered && ", and all mail is being read"}
          .{" "}
          <Anchor component={Link} to="/alerts" inherit>
            See open alerts
          </Anchor>
        </div>
      )}
    </Panel>
  );
}

interface Trouble {
  text: string;
  reason?: string;
  to: string;
  icon: ReactNode;
}

function troublesOf({ connections, mailboxes, jobs }: Coverage, listed: Connection[]): Trouble[] {
  const of = (count: number, one: string, many: string) => (count === 1 ? `1 ${one}` : `${count.toLocaleString("en")} ${many}`);
  const reasons = (wanted: Connection["state"]) =>
    [...new Set(listed.filter(({ state }) => state === wanted).map(({ state_reason }) => state_reason))].filter(Boolean).join("; ");
  return [
    connections.total === 0 && { text: "No mail is connected yet", to: "/connections", icon: <IconPlugConnectedX size={18} aria-hidden /> },
    connections.broken > 0 && {
      text: `${of(connections.broken, "connection is", "connections are")} broken: mail is not being read`,
      reason: reasons("broken"),
      to: "/connections",
      icon: <IconPlugConnectedX size={18} aria-hidden />,
    },
    connections.stalled > 0 && {
      text: `${of(connections.stalled, "connection is", "connections are")} stalled: the last reading failed and is tried again`,
      reason: reasons("stalled"),
      to: "/connections",
      icon: <IconPlugConnectedX size={18} aria-hidden />,
    },
    mailboxes.failed > 0 && {
      text: `${of(mailboxes.failed, "mailbox", "mailboxes")} cannot be read`,
      to: "/mailboxes?state=failed",
      icon: <IconMailOff size={18} aria-hidden />,
    },
    jobs.dead > 0 && {
      text: `${of(jobs.dead, "job was", "jobs were")} given up`,
      to: "/connections",
      icon: <IconReload size={18} aria-hidden />,
    },
  ].filter((trouble) => trouble !== false);
}

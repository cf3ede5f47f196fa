import { Alert, Anchor } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { Link } from "react-router";

import type { Coverage } from "../api/statistics";
import { Panel } from "../components/Panel";
import { Time } from "../components/Time";
import { behindText, isLate } from "../text/behind";
import { storageTexts, storageTitles } from "../text/storage";

/** What is wrong with the mail store or the analysis, in red; nothing where both are well. */
function StoreTrouble({ coverage }: { coverage: Coverage }) {
  const { analysis, storage_state: storage } = coverage;
  const behind = behindText(analysis.rows_behind, analysis.behind_since);
  const late = analysis.problem !== "" || isLate(analysis.behind_since);
  return (
    <>
      {storage !== "ok" && (
        <Alert color={storage === "unknown" ? "gray" : "red"} mb="sm" p="sm" title={storageTitles[storage]} role="alert">
          {storageTexts[storage]}{" "}
          {coverage.storage_reported_at && (
            <>
              Last told <Time at={coverage.storage_reported_at} span inherit />.
            </>
          )}
        </Alert>
      )}
      {behind && late && (
        <Alert color="red" mb="sm" p="sm" title={`Analysis is ${behind} behind`} role="alert">
          <span className="breakable">{analysis.problem || "Alerts about this mail are still to come."}</span>
        </Alert>
      )}
      {behind && !late && <p className="coverage-about">Analysis is {behind} behind.</p>}
    </>
  );
}

/** Whether everything is really being read. */
export function CoveragePanel({ coverage }: { coverage: Coverage }) {
  const { mailboxes, connections } = coverage;
  const readable = mailboxes.total - mailboxes.no_mailbox - mailboxes.suspended;
  const percent = readable > 0 ? Math.floor((100 * mailboxes.caught_up) / readable) : 0;
  const idle = (["stalled", "broken", "paused"] as const)
    .filter((state) => connections[state] > 0)
    .map(
      (state) => `${connections[state].toLocaleString("en")} ${connections[state] === 1 ? "connection is" : "connections are"} ${state}`,
    );
  const facts: [string, string][] = [
    ["caught up", mailboxes.caught_up.toLocaleString("en")],
    ["still being read", mailboxes.reading.toLocaleString("en")],
    ["failed", mailboxes.failed.toLocaleString("en")],
    ["without a mailbox, or suspended", (mailboxes.no_mailbox + mailboxes.suspended).toLocaleString("en")],
  ];
  return (
    <Panel title="Coverage">
      <div className={`covered ${coverage.is_covered ? "is-good" : "is-bad"}`}>
        {coverage.is_covered ? <IconCircleCheck size={19} aria-hidden /> : <IconAlertTriangle size={19} aria-hidden />}
        <span>
          {coverage.is_covered ? "All mail is being read" : connections.total === 0 ? "No mail is connected" : "Not all mail is being read"}
        </span>
      </div>
      <StoreTrouble coverage={coverage} />
      <div className="coverage-meter" role="img" aria-label={`${mailboxes.caught_up} of ${readable} mailboxes are caught up`}>
        <span style={{ width: `${percent}%` }} />
      </div>
      <dl className="coverage-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {idle.length > 0 && (
        <p className="coverage-about">
          {idle.join(", ")}.{" "}
          <Anchor component={Link} to="/connections" inherit>
            Connections
          </Anchor>
        </p>
      )}
      <p className="coverage-about">
        {coverage.messages_stored.toLocaleString("en")} messages stored, {coverage.messages_set_aside.toLocaleString("en")} set aside
        {coverage.last_sync_at && (
          <>
            ; read <Time at={coverage.last_sync_at} span inherit />
          </>
        )}
        .{" "}
        <Anchor component={Link} to={mailboxes.failed > 0 ? "/mailboxes?state=failed" : "/mailboxes"} inherit>
          Mailboxes
        </Anchor>
      </p>
    </Panel>
  );
}

import "../overview/overview.css";

import { SegmentedControl } from "@mantine/core";
import { IconBuildingBank } from "@tabler/icons-react";
import { useMemo } from "react";
import { Link, useSearchParams } from "react-router";

import { alertsOf, severities } from "../api/alerts";
import { type AlertStatistics, type MailStatistics, useAlertStatistics, useCoverage, useMailStatistics } from "../api/statistics";
import { DataTable } from "../components/DataTable";
import { DayChart } from "../components/DayChart";
import { Page } from "../components/Page";
import { Panel } from "../components/Panel";
import { Failed, Loading } from "../components/States";
import { Tile } from "../components/Tile";
import { CoveragePanel } from "../overview/CoveragePanel";
import { NeedsMe } from "../overview/NeedsMe";
import { durationText } from "../text/duration";

const ranges = ["7", "30", "90"];

export default function Overview() {
  const [search, setSearch] = useSearchParams();
  const range = ranges.find((one) => one === search.get("days")) ?? "30";
  const days = Number(range);
  const alerts = useAlertStatistics(days);
  const mail = useMailStatistics(days);
  const coverage = useCoverage();
  return (
    <Page
      title="Overview"
      actions={
        <SegmentedControl
          aria-label="Range of the numbers"
          size="xs"
          value={range}
          onChange={(value) => setSearch(value === "30" ? {} : { days: value }, { replace: true })}
          data={ranges.map((value) => ({ value, label: `${value} days` }))}
        />
      }
    >
      {alerts.isPending && <Loading what="the overview" />}
      {alerts.isError && <Failed error={alerts.error} retry={() => void alerts.refetch()} />}
      {alerts.data && <Tiles statistics={alerts.data} />}
      <div className="overview-top">
        <NeedsMe coverage={coverage.data} />
        {coverage.data && <CoveragePanel coverage={coverage.data} />}
      </div>
      <div className="two">
        {alerts.data && <AlertsByDay statistics={alerts.data} />}
        {mail.data && <MailByDay statistics={mail.data} />}
        {mail.isError && <Failed error={mail.error} retry={() => void mail.refetch()} />}
      </div>
      {alerts.data && alerts.data.by_rule.length > 0 && <ByRule statistics={alerts.data} />}
    </Page>
  );
}

function Tiles({ statistics }: { statistics: AlertStatistics }) {
  const { by_status, open_by_severity: open, unassigned, money_at_risk: money, seconds_to_decision_median: median, feedback } = statistics;
  const urgent = open.critical + open.high;
  return (
    <div className="tiles">
      <Tile
        label="Critical and high, open"
        value={urgent.toLocaleString("en")}
        under={`${by_status.open.toLocaleString("en")} open in all`}
        to="/alerts?severity=critical&severity=high"
      />
      <Tile label="Open and nobody’s" value={unassigned.toLocaleString("en")} under="waiting for an assignee" to="/alerts?assignee=none" />
      <Tile
        label={
          <>
            <IconBuildingBank size={14} aria-hidden /> Money at risk
          </>
        }
        value={money.payment_instruments.toLocaleString("en")}
        under={`${money.payment_instruments === 1 ? "account" : "accounts"} in ${money.alerts.toLocaleString("en")} undecided ${money.alerts === 1 ? "alert" : "alerts"}`}
        to="/alerts?status=open&status=in_progress&names_payment_instrument=true"
      />
      <Tile
        label="Time to decision"
        value={median === undefined ? "–" : durationText(median)}
        under={median === undefined ? "none decided in the range" : "median, resolved or dismissed"}
      />
      <Tile
        label="Found to be fraud"
        value={feedback.fraud.toLocaleString("en")}
        under={`${feedback.not_fraud.toLocaleString("en")} not fraud, ${feedback.none.toLocaleString("en")} not judged`}
        to="/alerts?status=all&feedback=fraud"
      />
    </div>
  );
}

const severityColours = { low: "--line-strong", medium: "--yellow", high: "--orange", critical: "--red" } as const;

function AlertsByDay({ statistics }: { statistics: AlertStatistics }) {
  const days = useMemo(() => statistics.by_day.map(({ day }) => day), [statistics]);
  const series = useMemo(
    () =>
      [...severities].reverse().map((severity) => ({
        name: severity,
        values: statistics.by_day.map(({ by_severity }) => by_severity[severity]),
        colour: severityColours[severity],
      })),
    [statistics],
  );
  return (
    <Panel title="Alerts by day" about="By the day on which they were seen first">
      <DayChart label="Alerts by day and severity" kind="bar" days={days} series={series} />
    </Panel>
  );
}

const directions = [
  { name: "internal", colour: "--line-strong" },
  { name: "outbound", colour: "--chart-out" },
  { name: "inbound", colour: "--chart-mail" },
] as const;

function MailByDay({ statistics }: { statistics: MailStatistics }) {
  const days = useMemo(() => statistics.by_day.map(({ day }) => day), [statistics]);
  const series = useMemo(
    () => directions.map(({ name, colour }) => ({ name, colour, values: statistics.by_day.map((day) => day[name]) })),
    [statistics],
  );
  return (
    <Panel title="Mail by day" about="Messages read, by the day of their receipt">
      <DayChart label="Messages by day and direction" kind="bar" days={days} series={series} />
    </Panel>
  );
}

function ByRule({ statistics }: { statistics: AlertStatistics }) {
  const most = Math.max(...statistics.by_rule.map(({ alerts }) => alerts), 1);
  return (
    <Panel title="Alerts by rule" about="Of the range, most first" flush>
      <DataTable
        label="Alerts by rule"
        rows={statistics.by_rule}
        rowKey={({ rule_id }) => rule_id}
        columns={[
          {
            name: "Rule",
            unlabelled: true,
            cell: ({ rule_id, title, alerts }) => (
              <>
                <Link to={alertsOf(rule_id)} className="table-main plain-link">
                  {title}
                </Link>
                <div className="bar" aria-hidden>
                  <span style={{ width: `${(100 * alerts) / most}%` }} />
                </div>
              </>
            ),
          },
          { name: "Alerts", align: "end", narrow: true, cell: ({ alerts }) => alerts.toLocaleString("en") },
          { name: "Open", align: "end", narrow: true, cell: ({ open }) => open.toLocaleString("en") },
          { name: "Fraud", align: "end", narrow: true, cell: ({ fraud }) => fraud.toLocaleString("en") },
          { name: "Not fraud", align: "end", narrow: true, cell: ({ not_fraud }) => not_fraud.toLocaleString("en") },
        ]}
      />
    </Panel>
  );
}

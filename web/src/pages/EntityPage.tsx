import { Anchor } from "@mantine/core";
import { IconMailOff } from "@tabler/icons-react";
import { useMemo } from "react";
import { Link, useParams } from "react-router";

import { useEntity } from "../api/alerts";
import { ApiError } from "../api/client";
import type { components } from "../api/schema";
import { DataTable } from "../components/DataTable";
import { DayChart } from "../components/DayChart";
import { Page } from "../components/Page";
import { Panel } from "../components/Panel";
import { SeverityBadge, StateBadge, StatusBadge } from "../components/Severity";
import { Empty, Failed, Loading } from "../components/States";
import { Tile } from "../components/Tile";
import { Time } from "../components/Time";
import { domainOf } from "../text/entities";
import { revealInvisible } from "../text/defang";
import { entityPath } from "../alert/Involved";

type History = components["schemas"]["EntityHistory"];

/** What is known of one address or domain. */
export default function EntityPage() {
  const entity = (useParams().entity ?? "").toLowerCase();
  const history = useEntity(entity);
  const missing = history.error instanceof ApiError && history.error.status === 404;
  const domain = domainOf(entity);
  return (
    <Page
      title={revealInvisible(entity)}
      about={
        <>
          {entity.includes("@") ? "Address" : "Domain"}
          {entity.includes("@") && (
            <>
              , of{" "}
              <Anchor component={Link} to={entityPath(domain)} inherit>
                {domain}
              </Anchor>
            </>
          )}
        </>
      }
      actions={history.data?.is_own && <StateBadge tone="working">your company’s own</StateBadge>}
    >
      {history.isPending && <Loading what="its history" />}
      {history.isError && !missing && <Failed error={history.error} retry={() => void history.refetch()} />}
      {missing && (
        <div className="panel">
          <Empty
            icon={<IconMailOff size={34} stroke={1.3} aria-hidden />}
            title="Nothing is known of it"
            next={
              <Anchor component={Link} to="/alerts" size="sm">
                Go to Alerts
              </Anchor>
            }
          >
            Neither the stored mail nor an alert names {entity}.
          </Empty>
        </div>
      )}
      {history.data && <Known history={history.data} />}
    </Page>
  );
}

function Known({ history }: { history: History }) {
  const days = useMemo(() => history.mail_by_day.map(({ day }) => day), [history]);
  const series = useMemo(
    () => [
      { name: "to it", colour: "--chart-out", values: history.mail_by_day.map(({ messages_out }) => messages_out) },
      { name: "from it", colour: "--chart-mail", values: history.mail_by_day.map(({ messages_in }) => messages_in) },
    ],
    [history],
  );
  return (
    <>
      <div className="tiles">
        <Tile label="Messages from it" value={history.messages_in.toLocaleString("en")} />
        <Tile
          label="Messages to it"
          value={history.messages_out.toLocaleString("en")}
          under={history.messages_out === 0 ? "nobody here wrote to it" : undefined}
        />
        <Tile label="First mail" value={history.first_seen_at ? <Time at={history.first_seen_at} inherit /> : "–"} />
        <Tile label="Last mail" value={history.last_seen_at ? <Time at={history.last_seen_at} inherit /> : "–"} />
      </div>
      <Panel title="Alerts about it" flush={history.alerts.length > 0}>
        {history.alerts.length === 0 ? (
          <span className="panel-about">None.</span>
        ) : (
          <DataTable
            label="Alerts about it"
            rows={history.alerts}
            rowKey={(alert) => alert.alert_id}
            columns={[
              { name: "Severity", narrow: true, unlabelled: true, cell: (alert) => <SeverityBadge severity={alert.severity} /> },
              {
                name: "Alert",
                unlabelled: true,
                cell: (alert) => (
                  <>
                    <Link to={`/alerts/${alert.alert_id}`} className="table-main plain-link">
                      {alert.title}
                    </Link>
                    <div className="table-under">to {alert.subject}</div>
                  </>
                ),
              },
              { name: "Status", narrow: true, cell: (alert) => <StatusBadge status={alert.status} /> },
              { name: "Last seen", align: "end", narrow: true, cell: (alert) => <Time at={alert.last_seen_at} inherit /> },
            ]}
          />
        )}
      </Panel>
      {days.length > 0 && (
        <Panel title="Mail by day" about="The last 90 days, days without mail left out">
          <DayChart label="Messages from it and to it by day" kind="bar" days={days} series={series} />
        </Panel>
      )}
      <div className="two">
        <Counts
          title="Names that it wrote under"
          rows={history.names.map(({ name, messages }) => ({ name: revealInvisible(name) || "no name", messages }))}
        />
        <Counts title="Who has mail with it" rows={history.people.map(({ address, messages }) => ({ name: address, messages }))} />
      </div>
    </>
  );
}

function Counts({ title, rows }: { title: string; rows: { name: string; messages: number }[] }) {
  return (
    <Panel title={title} flush={rows.length > 0}>
      {rows.length === 0 ? (
        <span className="panel-about">None.</span>
      ) : (
        <DataTable
          label={title}
          rows={rows}
          rowKey={({ name }) => name}
          columns={[
            { name: "Name", unlabelled: true, cell: ({ name }) => name },
            { name: "Messages", align: "end", narrow: true, cell: ({ messages }) => messages.toLocaleString("en") },
          ]}
        />
      )}
    </Panel>
  );
}

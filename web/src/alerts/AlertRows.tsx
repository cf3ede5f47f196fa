import { Checkbox } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { IconBuildingBank } from "@tabler/icons-react";
import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";

import type { Alert } from "../api/alerts";
import { Initials } from "../components/Initials";
import { SeverityBadge, StatusBadge } from "../components/Severity";
import { Time } from "../components/Time";
import { revealInvisible } from "../text/defang";
import { subjectText } from "../text/subject";

/** In pixels; rows are of one height each, so that thousands cost no more than those in sight. */
const rowHeight = { wide: 54, narrow: 92 };
/** From how many rows before the end the next page is asked for. */
const readAhead = 40;

interface AlertRowsProps {
  alerts: Alert[];
  /** How many there are behind the last one: none, or more that are not read yet. */
  hasMore: boolean;
  readMore: () => void;
  /** The address's filter, so that an alert's page finds the way back. */
  search: string;
  chosen: ReadonlySet<string>;
  toggle?: (alertId: string) => void;
  /** Which row the keyboard is at; -1 for none. */
  at: number;
  setAt: (index: number) => void;
}

/** The rows of the list: only those in sight are in the page. */
export function AlertRows({ alerts, hasMore, readMore, search, chosen, toggle, at, setAt }: AlertRowsProps) {
  const wide = useMediaQuery("(min-width: 48em)", true, { getInitialValueInEffect: false });
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [wide]);
  const height = wide ? rowHeight.wide : rowHeight.narrow;
  const rows = useWindowVirtualizer({ count: alerts.length, estimateSize: () => height, overscan: 12, scrollMargin: top });
  useEffect(() => rows.measure(), [height, rows]);

  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= alerts.length - readAhead) readMore();
  }, [hasMore, last, alerts.length, readMore]);

  // The keyboard's row is brought into sight, and gets the focus once it is there.
  const wanted = useRef(-1);
  useEffect(() => {
    if (at < 0) return;
    wanted.current = at;
    rows.scrollToIndex(at, { align: "auto" });
  }, [at, rows]);
  useEffect(() => {
    if (wanted.current < 0) return;
    const link = list.current?.querySelector<HTMLAnchorElement>(`li[data-index="${wanted.current}"] a.row-link`);
    if (!link) return;
    link.focus({ preventScroll: true });
    wanted.current = -1;
  });

  return (
    <ul className="alert-rows" ref={list} style={{ height: rows.getTotalSize() }} aria-label="Alerts">
      {shown.map(({ index, start }) => {
        const alert = alerts[index]!;
        return (
          <Row
            key={alert.alert_id}
            alert={alert}
            index={index}
            count={hasMore ? -1 : alerts.length}
            offset={start - top}
            height={height}
            wide={wide}
            search={search}
            isChosen={chosen.has(alert.alert_id)}
            toggle={toggle}
            setAt={setAt}
          />
        );
      })}
    </ul>
  );
}

interface RowProps {
  alert: Alert;
  index: number;
  count: number;
  offset: number;
  height: number;
  wide: boolean;
  search: string;
  isChosen: boolean;
  toggle?: (alertId: string) => void;
  setAt: (index: number) => void;
}

const Row = memo(function Row({ alert, index, count, offset, height, wide, search, isChosen, toggle, setAt }: RowProps) {
  const subject = subjectText(alert.message_subject, alert.rule_id);
  const link = (
    <Link to={`/alerts/${alert.alert_id}`} state={{ search }} className="row-link" onFocus={() => setAt(index)}>
      {alert.title}
    </Link>
  );
  const whom = (
    <>
      {revealInvisible(alert.entity)} <span aria-label="to">→</span> {alert.subject}
      {alert.sightings > 1 && <> · {alert.sightings} messages</>}
    </>
  );
  const check = toggle && (
    <span className="row-check">
      <Checkbox
        size="xs"
        aria-label={`Choose ${alert.title}, ${alert.entity}`}
        checked={isChosen}
        onChange={() => toggle(alert.alert_id)}
      />
    </span>
  );
  const bank = alert.names_payment_instrument && (
    <span className="row-bank" title="A bank account is part of the evidence">
      <IconBuildingBank size={14} aria-label="names a bank account" />
    </span>
  );
  return (
    <li
      data-index={index}
      className={`alert-row ${isChosen ? "is-chosen" : ""} ${wide ? "is-wide" : "is-narrow"} ${toggle ? "has-check" : ""}`}
      style={{ height, transform: `translateY(${offset}px)` }}
      aria-setsize={count}
      aria-posinset={index + 1}
    >
      {wide ? (
        <>
          {check}
          <SeverityBadge severity={alert.severity} />
          <div className="row-main">
            <div className="row-title">
              {link} {bank}
            </div>
            <div className="row-under">{whom}</div>
          </div>
          <div className="row-subject">{subject}</div>
          <StatusBadge status={alert.status} />
          <span className="row-assignee" title={alert.assignee ? `Assigned to ${alert.assignee.email}` : undefined}>
            {alert.assignee && (
              <>
                <Initials of={alert.assignee.email} />
                <span className="only-read">assigned to {alert.assignee.email}</span>
              </>
            )}
          </span>
          <Time at={alert.last_seen_at} className="row-time" />
        </>
      ) : (
        <>
          <div className="row-top">
            <SeverityBadge severity={alert.severity} />
            <StatusBadge status={alert.status} />
            {bank}
            <Time at={alert.last_seen_at} className="row-time" />
          </div>
          <div className="row-title">{link}</div>
          <div className="row-under">{whom}</div>
          {check}
        </>
      )}
    </li>
  );
});

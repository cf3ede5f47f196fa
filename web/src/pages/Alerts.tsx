import "../alerts/alerts.css";

import { Checkbox } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useSearchParams } from "react-router";

import { useAlerts } from "../api/alerts";
import { offers } from "../api/offered";
import { useMay } from "../api/session";
import { AlertRows } from "../alerts/AlertRows";
import { BulkBar } from "../alerts/BulkBar";
import { filterOf, type ListFilter, queryOf, searchOf } from "../alerts/filter";
import { Filters } from "../alerts/Filters";
import { NoAlerts } from "../alerts/NoAlerts";
import { useSelection } from "../alerts/selection";
import { Views } from "../alerts/Views";
import { Page } from "../components/Page";
import { Failed, LoadingRows } from "../components/States";
import { useShortcuts } from "../shell/keys";

export default function Alerts() {
  // The filter lives in the address, so that it can be shared and survives a reload.
  const [address, setAddress] = useSearchParams();
  const filter = useMemo(() => filterOf(address), [address]);
  const search = searchOf(filter).toString();
  const alerts = useAlerts(queryOf(filter, Date.now()));
  const rows = useMemo(() => alerts.data?.pages.flatMap((page) => page.alerts) ?? [], [alerts.data]);
  const choosing = useMay().act && offers("change_alerts");
  const { chosen, toggle, set: choose, clear } = useSelection();
  const searchField = useRef<HTMLInputElement>(null);
  const [at, setAt] = useState(-1);

  const set = (part: ListFilter) => setAddress(searchOf({ ...filter, ...part }), { replace: true });
  const ids = rows.map((alert) => alert.alert_id);
  const chosenIds = ids.filter((id) => chosen.has(id));
  useShortcuts("Alerts", [
    { keys: "j", does: "Next alert", run: () => setAt(Math.min(at + 1, rows.length - 1)) },
    { keys: "k", does: "Alert before", run: () => setAt(Math.max(at - 1, 0)) },
    ...(offers("change_alerts") ? [{ keys: "/", does: "Search", run: () => searchField.current?.focus() }] : []),
    ...(choosing
      ? [
          { keys: "x", does: "Choose the alert, or not", run: () => rows[at] && toggle(rows[at].alert_id) },
          { keys: "Escape", does: "Choose none", run: clear },
        ]
      : []),
  ]);

  // Another filter is another list. Whoever comes back from an alert goes on from there.
  const from = (useLocation().state as { from?: string } | null)?.from;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || rows.length === 0) return;
    begun.current = true;
    setAt(from ? rows.findIndex((alert) => alert.alert_id === from) : -1);
  }, [from, rows]);
  const listed = useRef(search);
  useEffect(() => {
    if (listed.current === search) return;
    listed.current = search;
    setAt(-1);
    clear();
  }, [search, clear]);

  const { fetchNextPage, isFetchingNextPage } = alerts;
  const readMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);

  return (
    <Page title="Alerts" width={1360}>
      <div className="alert-head">
        <Views filter={filter} />
        <Filters
          filter={filter}
          set={set}
          clear={() => setAddress(searchOf({ status: filter.status }), { replace: true })}
          searchField={searchField}
        />
      </div>
      {alerts.isPending && <LoadingRows what="alerts" rows={10} />}
      {alerts.isError && <Failed error={alerts.error} retry={() => void alerts.refetch()} />}
      {alerts.data && rows.length === 0 && (
        <div className="panel">
          <NoAlerts filtered={search !== ""} showAll={() => setAddress({ status: "all" })} />
        </div>
      )}
      {rows.length > 0 && (
        <div className="panel alert-list" aria-busy={alerts.isPlaceholderData}>
          <div className="alert-list-head">
            {choosing && (
              <Checkbox
                size="xs"
                aria-label="Choose all alerts that are read"
                checked={chosenIds.length === ids.length}
                indeterminate={chosenIds.length > 0 && chosenIds.length < ids.length}
                onChange={(event) => (event.currentTarget.checked ? choose(ids) : clear())}
              />
            )}
            <span role="status">
              {rows.length.toLocaleString("en")}
              {alerts.hasNextPage ? "+" : ""} {rows.length === 1 ? "alert" : "alerts"}
              {alerts.isFetchingNextPage && ", reading more…"}
            </span>
            <span className="alert-list-keys">
              <kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> open {choosing && <kbd>x</kbd>} {choosing && "choose"}
            </span>
          </div>
          <AlertRows
            alerts={rows}
            hasMore={alerts.hasNextPage}
            readMore={readMore}
            search={search}
            chosen={chosen}
            toggle={choosing ? toggle : undefined}
            at={at}
            setAt={setAt}
          />
        </div>
      )}
      {chosenIds.length > 0 && <BulkBar ids={chosenIds} clear={clear} />}
    </Page>
  );
}

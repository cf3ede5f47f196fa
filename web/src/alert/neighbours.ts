import { type InfiniteData, useQueryClient } from "@tanstack/react-query";

import type { Alert } from "../api/alerts";
import { filterOf, queryOf } from "../alerts/filter";

interface Page {
  alerts: Alert[];
}

/** The alerts beside this one in the list that one came from; none where that list was not read. */
export function useNeighbours(alertId: string, search: string): { before?: string; after?: string } {
  const key = ["alerts", queryOf(filterOf(new URLSearchParams(search)), Date.now())];
  const list = useQueryClient().getQueryData<InfiniteData<Page>>(key);
  const ids = list?.pages.flatMap((page) => page.alerts.map((alert) => alert.alert_id)) ?? [];
  const at = ids.indexOf(alertId);
  return at < 0 ? {} : { before: ids[at - 1], after: ids[at + 1] };
}

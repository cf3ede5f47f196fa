import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "./client";
import type { components } from "./schema";

export type Alert = components["schemas"]["Alert"];
export type AlertDetail = components["schemas"]["AlertDetail"];
export type AlertStatus = components["schemas"]["AlertStatus"];
export type Severity = components["schemas"]["Severity"];
export type AlertMessage = components["schemas"]["AlertMessage"];
export type MailboxSetting = components["schemas"]["MailboxSetting"];

export const statuses: AlertStatus[] = ["open", "in_progress", "resolved", "dismissed"];
export const severities: Severity[] = ["critical", "high", "medium", "low"];

export interface AlertFilter {
  status?: AlertStatus;
  severity?: Severity;
  rule_id?: string;
}

/** The filter as the API's parameters: those that can be repeated are lists. */
const parametersOf = ({ status, severity, rule_id }: AlertFilter) => ({
  ...(status ? { status: [status] } : {}),
  ...(severity ? { severity: [severity] } : {}),
  ...(rule_id ? { rule_id } : {}),
});

/** The address of a rule's alerts, whatever their status. */
export const alertsOf = (ruleId: string) => `/alerts?${new URLSearchParams({ status: "all", rule_id: ruleId })}`;

/** How often the console asks for news. A poll that brings nothing is answered 304 from the ETag. */
export const pollMs = 5_000;

/** The alerts page by page, newest first; polled. */
export function useAlerts(filter: AlertFilter) {
  return useInfiniteQuery({
    queryKey: ["alerts", filter],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET("/alerts", { params: { query: { ...parametersOf(filter), limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } } }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: pollMs,
    placeholderData: keepPreviousData,
  });
}

const countedMax = 200;
/** How many open alerts there are by severity. More than `countedMax` alerts: only the newest are counted, and `more` is true. */
export function useOpenCounts() {
  return useQuery({
    queryKey: ["alerts", "open-counts"],
    queryFn: () => unwrap(api.GET("/alerts", { params: { query: { status: ["open"], limit: countedMax } } })),
    refetchInterval: pollMs,
    select: (page) => ({
      more: page.next_cursor !== undefined,
      of: Object.fromEntries(
        severities.map((severity) => [severity, page.alerts.filter((alert) => alert.severity === severity).length]),
      ) as Record<Severity, number>,
    }),
  });
}

export function useAlert(alertId: string) {
  return useQuery({
    queryKey: ["alert", alertId],
    queryFn: () => unwrap(api.GET("/alerts/{alert_id}", { params: { path: { alert_id: alertId } } })),
    refetchInterval: pollMs,
  });
}

/** The message behind an alert. Reading it is audited, so it is asked for once. */
export function useAlertMessage(alertId: string) {
  return useQuery({
    queryKey: ["alert-message", alertId],
    queryFn: () => unwrap(api.GET("/alerts/{alert_id}/message", { params: { path: { alert_id: alertId } } })),
    staleTime: Infinity,
    refetchOnReconnect: false,
  });
}

export function useChangeAlert(alertId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { status?: AlertStatus; note?: string }) =>
      unwrap(api.PATCH("/alerts/{alert_id}", { params: { path: { alert_id: alertId } }, body })),
    onSuccess: (alert) => {
      queries.setQueryData(["alert", alertId], alert);
      return queries.invalidateQueries({ queryKey: ["alerts"] });
    },
  });
}

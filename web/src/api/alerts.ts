import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { api, unwrap } from "./client";
import { usePages } from "./pages";
import { pollMs } from "./poll";
import type { components, operations } from "./schema";

type Schemas = components["schemas"];
export type Alert = Schemas["Alert"];
export type AlertDetail = Schemas["AlertDetail"];
export type AlertStatus = Schemas["AlertStatus"];
export type AlertChange = Schemas["AlertChange"];
export type Severity = Schemas["Severity"];
export type Feedback = Schemas["Feedback"];
export type Sighting = Schemas["Sighting"];
export type AlertMessage = Schemas["AlertMessage"];
export type MailboxSetting = Schemas["MailboxSetting"];
/** What a list of alerts is narrowed by, as the API names it. */
export type AlertFilter = Omit<NonNullable<operations["list_alerts"]["parameters"]["query"]>, "cursor" | "limit">;

export const statuses: AlertStatus[] = ["open", "in_progress", "resolved", "dismissed"];
export const severities: Severity[] = ["critical", "high", "medium", "low"];

/** How many alerts one page of the list holds, and how many one bulk change may name: the API's limits. */
export const alertsPageMax = 200;

/** The address of a rule's alerts, whatever their status. */
export const alertsOf = (ruleId: string) => `/alerts?${new URLSearchParams({ status: "all", rule_id: ruleId })}`;

/** Asks whether any alert of the company changed; the answer to a poll that brings nothing is 304, from the ETag. What was read
 * of alerts is read again when something did. */
export function useAlertNews(enabled: boolean): void {
  const queries = useQueryClient();
  const { data: version } = useQuery({
    queryKey: ["alerts-version"],
    enabled,
    refetchInterval: pollMs,
    queryFn: async () => {
      const call = api.GET("/alerts", { params: { query: { limit: 1 } } });
      await unwrap(call);
      return (await call).response.headers.get("etag");
    },
  });
  useEffect(() => {
    if (!version) return;
    for (const what of ["alerts", "alert", "alert-statistics", "entity"]) void queries.invalidateQueries({ queryKey: [what] });
  }, [version, queries]);
}

/** The alerts page by page, the one seen last first. */
export function useAlerts(filter: AlertFilter) {
  return usePages({
    queryKey: ["alerts", filter],
    read: (cursor) => unwrap(api.GET("/alerts", { params: { query: { ...filter, ...cursor, limit: alertsPageMax } } })),
  });
}

/** How many alerts are open, as text: "12", "200+"; empty for none. */
export function useOpenCount(enabled: boolean): string {
  const open = useQuery({
    queryKey: ["alerts", "open-count"],
    enabled,
    queryFn: () => unwrap(api.GET("/alerts", { params: { query: { status: ["open"], limit: alertsPageMax } } })),
    select: (page) => `${page.alerts.length || ""}${page.next_cursor ? "+" : ""}`,
  });
  return open.data ?? "";
}

export function useAlert(alertId: string) {
  return useQuery({
    queryKey: ["alert", alertId],
    queryFn: () => unwrap(api.GET("/alerts/{alert_id}", { params: { path: { alert_id: alertId } } })),
  });
}

/** The message of a sighting. Reading it is audited, so it is asked for once. */
export function useAlertMessage(alertId: string, sighting: Pick<Sighting, "mailbox_id" | "provider_message_id"> | undefined) {
  const which = sighting && { mailbox_id: sighting.mailbox_id, provider_message_id: sighting.provider_message_id };
  return useQuery({
    queryKey: ["alert-message", alertId, which ?? "newest"],
    queryFn: () => unwrap(api.GET("/alerts/{alert_id}/message", { params: { path: { alert_id: alertId }, query: which } })),
    staleTime: Infinity,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
}

/** Messages that look like the alert's. Audited as well: asked for when somebody wants them, once. */
export function useSimilarMessages(alertId: string, enabled: boolean) {
  return useQuery({
    queryKey: ["similar-messages", alertId],
    enabled,
    queryFn: () => unwrap(api.GET("/alerts/{alert_id}/similar_messages", { params: { path: { alert_id: alertId } } })),
    staleTime: Infinity,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
}

/** What is known of an address or a domain. */
export function useEntity(entity: string, enabled = true) {
  return useQuery({
    queryKey: ["entity", entity],
    enabled,
    queryFn: () => unwrap(api.GET("/entities/{entity}", { params: { path: { entity } } })),
    staleTime: 60_000,
  });
}

export function useChangeAlert(alertId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: AlertChange) => unwrap(api.PATCH("/alerts/{alert_id}", { params: { path: { alert_id: alertId } }, body })),
    onSuccess: (alert) => {
      queries.setQueryData(["alert", alertId], alert);
      return queries.invalidateQueries({ queryKey: ["alerts"] });
    },
  });
}

/** Change many alerts, in as many calls as the API's limit needs; the answer counts those that were not so before. */
export function useChangeAlerts() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ alert_ids, change }: { alert_ids: string[]; change: AlertChange }) => {
      let changed = 0;
      for (let begin = 0; begin < alert_ids.length; begin += alertsPageMax) {
        const body = { alert_ids: alert_ids.slice(begin, begin + alertsPageMax), change };
        changed += (await unwrap(api.POST("/alerts/bulk", { body }))).changed;
      }
      return changed;
    },
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ["alerts"] }), queries.invalidateQueries({ queryKey: ["alert"] })]),
  });
}

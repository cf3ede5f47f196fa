import { useQuery } from "@tanstack/react-query";

import { api, unwrap } from "./client";
import { slowPollMs } from "./poll";
import type { components } from "./schema";

export type AlertStatistics = components["schemas"]["AlertStatistics"];
export type MailStatistics = components["schemas"]["MailStatistics"];
export type Coverage = components["schemas"]["Coverage"];

/** Numbers of the last days, today's (UTC) among them. */
export function useAlertStatistics(days: number) {
  return useQuery({
    queryKey: ["alert-statistics", days],
    queryFn: () => unwrap(api.GET("/statistics/alerts", { params: { query: { days } } })),
    placeholderData: (before) => before,
  });
}

export function useMailStatistics(days: number) {
  return useQuery({
    queryKey: ["mail-statistics", days],
    queryFn: () => unwrap(api.GET("/statistics/mail", { params: { query: { days } } })),
    refetchInterval: slowPollMs,
    placeholderData: (before) => before,
  });
}

export function useCoverage() {
  return useQuery({ queryKey: ["coverage"], queryFn: () => unwrap(api.GET("/statistics/coverage")), refetchInterval: slowPollMs });
}

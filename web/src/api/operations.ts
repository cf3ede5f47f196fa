import { useQuery } from "@tanstack/react-query";

import { pollMs } from "./alerts";
import { api, unwrap } from "./client";

export function useRules() {
  return useQuery({ queryKey: ["rules"], queryFn: () => unwrap(api.GET("/rules")), staleTime: 60_000 });
}

/** All companies of the installation; operators only. */
export function useTenants() {
  return useQuery({ queryKey: ["tenants"], queryFn: () => unwrap(api.GET("/tenants")), refetchInterval: pollMs });
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { pollMs } from "./alerts";
import { api, unwrap } from "./client";
import type { components } from "./schema";

export type Connection = components["schemas"]["Connection"];
export type Mailbox = components["schemas"]["Mailbox"];

export function useConnections() {
  return useQuery({ queryKey: ["connections"], queryFn: () => unwrap(api.GET("/connections")), refetchInterval: pollMs });
}

export function useConnection(connectionId: string, enabled: boolean) {
  return useQuery({
    queryKey: ["connection", connectionId],
    queryFn: () => unwrap(api.GET("/connections/{connection_id}", { params: { path: { connection_id: connectionId } } })),
    refetchInterval: pollMs,
    enabled,
  });
}

export function useSyncNow() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (connectionId: string) => unwrap(api.POST("/connections/{connection_id}/sync", { params: { path: { connection_id: connectionId } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["connections"] }),
  });
}

export function useRules() {
  return useQuery({ queryKey: ["rules"], queryFn: () => unwrap(api.GET("/rules")), staleTime: 60_000 });
}

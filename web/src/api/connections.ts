import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { pollMs } from "./alerts";
import { api, unwrap } from "./client";
import type { components } from "./schema";

export type Connection = components["schemas"]["Connection"];
export type Mailbox = components["schemas"]["Mailbox"];
export type NewConnection = components["schemas"]["NewConnection"];
export type Job = components["schemas"]["Job"];

export function useConnections() {
  return useQuery({ queryKey: ["connections"], queryFn: () => unwrap(api.GET("/connections")), refetchInterval: pollMs });
}

export function useConnection(connectionId: string) {
  return useQuery({
    queryKey: ["connection", connectionId],
    queryFn: () => unwrap(api.GET("/connections/{connection_id}", { params: { path: { connection_id: connectionId } } })),
    refetchInterval: pollMs,
  });
}

/** The newest jobs: what Letterlock did, is doing, and gave up. */
export function useJobs(limit: number) {
  return useQuery({
    queryKey: ["jobs", limit],
    queryFn: () => unwrap(api.GET("/jobs", { params: { query: { limit } } })),
    refetchInterval: pollMs,
  });
}

export function useSyncNow() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (connectionId: string) =>
      unwrap(api.POST("/connections/{connection_id}/sync", { params: { path: { connection_id: connectionId } } })),
    onSuccess: () =>
      Promise.all([queries.invalidateQueries({ queryKey: ["connections"] }), queries.invalidateQueries({ queryKey: ["jobs"] })]),
  });
}

export function useCreateConnection() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewConnection) => unwrap(api.POST("/connections", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["connections"] }),
  });
}

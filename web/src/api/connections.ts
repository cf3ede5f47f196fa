import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "./client";
import { usePages } from "./pages";
import { pollMs } from "./poll";
import type { components, operations } from "./schema";

type Schemas = components["schemas"];
export type Connection = Schemas["Connection"];
export type ConnectionDetail = Schemas["ConnectionDetail"];
export type ConnectionChange = Schemas["ConnectionChange"];
export type ConnectionTest = Schemas["ConnectionTest"];
export type Mailbox = Schemas["Mailbox"];
export type NewConnection = Schemas["NewConnection"];
export type Job = Schemas["Job"];
export type MailboxFilter = Omit<NonNullable<operations["list_mailboxes"]["parameters"]["query"]>, "cursor" | "limit">;

const byId = (connectionId: string) => ({ params: { path: { connection_id: connectionId } } });

export function useConnections(enabled = true) {
  return useQuery({ queryKey: ["connections"], enabled, queryFn: () => unwrap(api.GET("/connections")), refetchInterval: pollMs });
}

export function useConnection(connectionId: string) {
  return useQuery({
    queryKey: ["connection", connectionId],
    queryFn: () => unwrap(api.GET("/connections/{connection_id}", byId(connectionId))),
    refetchInterval: pollMs,
  });
}

/** The newest jobs: what Letterlock did, is doing, and gave up. */
export function useJobs(query: { connection_id?: string; limit: number }) {
  return useQuery({
    queryKey: ["jobs", query],
    queryFn: () => unwrap(api.GET("/jobs", { params: { query } })),
    refetchInterval: pollMs,
  });
}

/** How long mail is kept. */
export function useRetention() {
  return useQuery({ queryKey: ["retention"], queryFn: () => unwrap(api.GET("/retention")), refetchInterval: pollMs });
}

export function useSetRetention() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (retention_days: number | null) => unwrap(api.PUT("/retention", { body: { retention_days } })),
    onSuccess: (retention) => queries.setQueryData(["retention"], retention),
  });
}

/** Mailboxes of all connections, by address. */
export function useMailboxes(filter: MailboxFilter) {
  return usePages({
    queryKey: ["mailboxes", filter],
    read: (cursor) => unwrap(api.GET("/mailboxes", { params: { query: { ...filter, ...cursor, limit: 200 } } })),
    pollMs,
  });
}

/** A write about connections: what was read of them is read again. */
function useConnectionWrite<Input, Output>(write: (input: Input) => Promise<Output>, refetchType: "active" | "none" = "active") {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSuccess: () =>
      Promise.all(
        ["connections", "connection", "jobs", "mailboxes", "coverage"].map((what) =>
          queries.invalidateQueries({ queryKey: [what], refetchType }),
        ),
      ),
  });
}

export const useSyncNow = () =>
  useConnectionWrite((connectionId: string) => unwrap(api.POST("/connections/{connection_id}/sync", byId(connectionId))));

export const useCreateConnection = () => useConnectionWrite((body: NewConnection) => unwrap(api.POST("/connections", { body })));

export const useChangeConnection = (connectionId: string) =>
  useConnectionWrite((body: ConnectionChange) => unwrap(api.PATCH("/connections/{connection_id}", { ...byId(connectionId), body })));

/** Its page is left before anything is read again. */
export const useDeleteConnection = (connectionId: string) =>
  useConnectionWrite(() => unwrap(api.DELETE("/connections/{connection_id}", byId(connectionId))), "none");

export const useRotateSecret = (connectionId: string) =>
  useConnectionWrite((secret: Record<string, unknown>) =>
    unwrap(api.PUT("/connections/{connection_id}/secret", { ...byId(connectionId), body: { secret } })),
  );

export const useReplayJob = () =>
  useConnectionWrite((jobId: string) => unwrap(api.POST("/jobs/{job_id}/replay", { params: { path: { job_id: jobId } } })));

/** Tests ask the provider and change nothing. */
export const useTestConnection = (connectionId: string) =>
  useMutation({ mutationFn: () => unwrap(api.POST("/connections/{connection_id}/test", byId(connectionId))) });

export const useTestNewConnection = () =>
  useMutation({ mutationFn: (body: NewConnection) => unwrap(api.POST("/connections/test", { body })) });

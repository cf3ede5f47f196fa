import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "./client";
import { usePages } from "./pages";
import type { components, operations } from "./schema";

type Schemas = components["schemas"];
export type Person = Schemas["Person"];
export type Role = Schemas["Role"];
export type Invitation = Schemas["Invitation"];
export type NewInvitation = Schemas["NewInvitation"];
export type ApiKey = Schemas["ApiKey"];
export type NewApiKey = Schemas["NewApiKey"];
export type Scope = Schemas["Scope"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditFilter = Omit<NonNullable<operations["list_audit_log"]["parameters"]["query"]>, "cursor" | "limit">;

export const roles: Role[] = ["viewer", "analyst", "admin", "owner"];

export function usePeople(enabled = true) {
  return useQuery({ queryKey: ["people"], enabled, queryFn: () => unwrap(api.GET("/people")), staleTime: 30_000 });
}

export function useInvitations() {
  return useQuery({ queryKey: ["invitations"], queryFn: () => unwrap(api.GET("/invitations")) });
}

export function useApiKeys() {
  return useQuery({ queryKey: ["api-keys"], queryFn: () => unwrap(api.GET("/api_keys")) });
}

export function useAuditLog(filter: AuditFilter) {
  return usePages({
    queryKey: ["audit-log", filter],
    read: (cursor) => unwrap(api.GET("/audit_log", { params: { query: { ...filter, ...cursor, limit: 100 } } })),
  });
}

/** Whether a key opens nothing any more. */
export const isOver = (key: ApiKey) => key.owner_kind === "removed" || Date.parse(key.expires_at) <= Date.now();

/** A write about who may do what: lists of people, invitations and keys are read again. */
function usePeopleWrite<Input, Output>(write: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSuccess: () => Promise.all(["people", "invitations", "api-keys"].map((what) => queries.invalidateQueries({ queryKey: [what] }))),
  });
}

export const useChangePerson = () =>
  usePeopleWrite(({ person_id, role }: { person_id: string; role: Role }) =>
    unwrap(api.PATCH("/people/{person_id}", { params: { path: { person_id } }, body: { role } })),
  );

export const useDeletePerson = () =>
  usePeopleWrite((person_id: string) => unwrap(api.DELETE("/people/{person_id}", { params: { path: { person_id } } })));

export const useMakePasswordReset = () =>
  useMutation({
    mutationFn: (person_id: string) => unwrap(api.POST("/people/{person_id}/password_reset", { params: { path: { person_id } } })),
  });

export const useInvite = () => usePeopleWrite((body: NewInvitation) => unwrap(api.POST("/invitations", { body })));

export const useDeleteInvitation = () =>
  usePeopleWrite((invitation_id: string) => unwrap(api.DELETE("/invitations/{invitation_id}", { params: { path: { invitation_id } } })));

export const useCreateApiKey = () => usePeopleWrite((body: NewApiKey) => unwrap(api.POST("/api_keys", { body })));

export const useDeleteApiKey = () =>
  usePeopleWrite((api_key_id: string) => unwrap(api.DELETE("/api_keys/{api_key_id}", { params: { path: { api_key_id } } })));

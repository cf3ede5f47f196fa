import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "./client";
import { usePages } from "./pages";
import { pollMs } from "./poll";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Tenant = Schemas["Tenant"];
export type TenantHealth = Schemas["TenantHealth"];
export type TenantChange = Schemas["TenantChange"];
export type NewTenant = Schemas["NewTenant"];
export type Installation = Schemas["Installation"];
export type InstallationJob = Schemas["InstallationJob"];
export type JobState = Schemas["JobState"];

const byId = (tenant_id: string) => ({ params: { path: { tenant_id } } });

/** All companies of the installation; operators only, as everything here. */
export function useTenants() {
  return useQuery({ queryKey: ["tenants"], queryFn: () => unwrap(api.GET("/tenants")), refetchInterval: pollMs });
}

export function useTenant(tenantId: string) {
  return useQuery({
    queryKey: ["tenant", tenantId],
    queryFn: () => unwrap(api.GET("/tenants/{tenant_id}", byId(tenantId))),
    refetchInterval: pollMs,
  });
}

export function useInstallation() {
  return useQuery({ queryKey: ["installation"], queryFn: () => unwrap(api.GET("/installation")), refetchInterval: pollMs });
}

export function useInstallationJobs(query: { state?: JobState; tenant_id?: string }) {
  return usePages({
    queryKey: ["installation-jobs", query],
    read: (cursor) => unwrap(api.GET("/installation/jobs", { params: { query: { ...query, ...cursor, limit: 50 } } })),
    pollMs,
  });
}

export function useInstallationAuditLog() {
  return usePages({
    queryKey: ["installation-audit-log"],
    read: (cursor) => unwrap(api.GET("/installation/audit_log", { params: { query: { ...cursor, limit: 50 } } })),
  });
}

function useTenantWrite<Input, Output>(write: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSuccess: () =>
      Promise.all(
        ["tenants", "tenant", "installation", "installation-jobs", "installation-audit-log"].map((what) =>
          queries.invalidateQueries({ queryKey: [what] }),
        ),
      ),
  });
}

export const useCreateTenant = () => useTenantWrite((body: NewTenant) => unwrap(api.POST("/tenants", { body })));

export const useChangeTenant = (tenantId: string) =>
  useTenantWrite((body: TenantChange) => unwrap(api.PATCH("/tenants/{tenant_id}", { ...byId(tenantId), body })));

export const useDeleteTenant = (tenantId: string) =>
  useTenantWrite((confirm: string) =>
    unwrap(api.DELETE("/tenants/{tenant_id}", { params: { path: { tenant_id: tenantId }, query: { confirm } } })),
  );

export const useInviteOwner = (tenantId: string) =>
  useTenantWrite((email: string) => unwrap(api.POST("/tenants/{tenant_id}/invitations", { ...byId(tenantId), body: { email } })));

export const useReplayInstallationJob = () =>
  useTenantWrite((job_id: string) => unwrap(api.POST("/installation/jobs/{job_id}/replay", { params: { path: { job_id } } })));

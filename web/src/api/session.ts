import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, ApiError, setCsrfToken, unwrap } from "./client";
import type { components } from "./schema";

export type Session = components["schemas"]["Session"];

/** Who is signed in; null when nobody is. */
export function useSession() {
  return useQuery({
    queryKey: ["session"],
    staleTime: 60_000,
    queryFn: async () => {
      try {
        const session = await unwrap(api.GET("/session"));
        setCsrfToken(session.csrf_token);
        return session;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
  });
}

/** What the signed-in person's role allows; the server decides, this only spares people buttons that it would refuse. */
export function useMay(): { act: boolean; manage: boolean } {
  const role = useSession().data?.role;
  return { act: role !== undefined && role !== "viewer", manage: role === "owner" || role === "admin" };
}

/** Put who is signed in in place, and forget what was read for the one before. */
function replaceSession(queries: QueryClient, session: Session | null): void {
  setCsrfToken(session?.csrf_token ?? "");
  queries.setQueryData(["session"], session);
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
}

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) => unwrap(api.POST("/session", { body })),
    onSuccess: (session) => replaceSession(queries, session),
  });
}

/** Whom a link is for that is good once; null where it is unknown, over or used. */
function useLinkPreview<About>(kind: string, token: string, read: () => Promise<About>) {
  return useQuery({
    queryKey: ["session", kind, token],
    enabled: token !== "",
    staleTime: Infinity,
    queryFn: async () => {
      try {
        return await read();
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
}

/** A link is used with a password, which signs in. */
function useLink(use: (body: { token: string; password: string }) => Promise<Session>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: use, onSuccess: (session) => replaceSession(queries, session) });
}

export const useInvitationPreview = (token: string) =>
  useLinkPreview("invitation", token, () => unwrap(api.POST("/invitation/preview", { body: { token } })));

export const useAcceptInvitation = () => useLink((body) => unwrap(api.POST("/invitation/accept", { body })));

export const usePasswordResetPreview = (token: string) =>
  useLinkPreview("password-reset", token, () => unwrap(api.POST("/password_reset/preview", { body: { token } })));

export const usePasswordReset = () => useLink((body) => unwrap(api.POST("/password_reset/use", { body })));

export function useSessions() {
  return useQuery({ queryKey: ["sessions"], queryFn: () => unwrap(api.GET("/sessions")) });
}

export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (session_id: string) => unwrap(api.DELETE("/sessions/{session_id}", { params: { path: { session_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sessions"] }),
  });
}

export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    meta: { asksPassword: true },
    mutationFn: (body: { password: string; new_password: string }) => unwrap(api.PUT("/session/password", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sessions"] }),
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.DELETE("/session")),
    onSettled: () => replaceSession(queries, null),
  });
}

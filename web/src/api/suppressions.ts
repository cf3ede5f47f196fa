import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "./client";
import { usePages } from "./pages";
import type { components } from "./schema";

export type Suppression = components["schemas"]["Suppression"];
export type NewSuppression = components["schemas"]["NewSuppression"];

export function useSuppressions(active: boolean | undefined) {
  return usePages({
    queryKey: ["suppressions", active],
    read: (cursor) => unwrap(api.GET("/suppressions", { params: { query: { ...cursor, ...(active === undefined ? {} : { active }) } } })),
  });
}

export function useCreateSuppression() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewSuppression) => unwrap(api.POST("/suppressions", { body })),
    onSuccess: () => Promise.all(["suppressions", "alert"].map((what) => queries.invalidateQueries({ queryKey: [what] }))),
  });
}

export function useEndSuppression() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (suppressionId: string) =>
      unwrap(api.DELETE("/suppressions/{suppression_id}", { params: { path: { suppression_id: suppressionId } } })),
    onSuccess: () => Promise.all(["suppressions", "alert"].map((what) => queries.invalidateQueries({ queryKey: [what] }))),
  });
}

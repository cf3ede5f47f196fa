import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "./client";
import { slowPollMs } from "./poll";
import type { components } from "./schema";

export type Rule = components["schemas"]["Rule"];
export type RuleDetail = components["schemas"]["RuleDetail"];
export type RuleChange = components["schemas"]["RuleChange"];

export function useRules() {
  return useQuery({ queryKey: ["rules"], queryFn: () => unwrap(api.GET("/rules")), refetchInterval: slowPollMs });
}

export function useRule(ruleId: string) {
  return useQuery({
    queryKey: ["rule", ruleId],
    queryFn: () => unwrap(api.GET("/rules/{rule_id}", { params: { path: { rule_id: ruleId } } })),
  });
}

export function useChangeRule(ruleId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: RuleChange) => unwrap(api.PATCH("/rules/{rule_id}", { params: { path: { rule_id: ruleId } }, body })),
    onSuccess: (rule) => {
      queries.setQueryData(["rule", ruleId], rule);
      return queries.invalidateQueries({ queryKey: ["rules"] });
    },
  });
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "./client";
import { usePages } from "./pages";
import { pollMs } from "./poll";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Webhook = Schemas["Webhook"];
export type WebhookEvent = Schemas["WebhookEvent"];
export type WebhookChange = Schemas["WebhookChange"];
export type NewWebhook = Schemas["NewWebhook"];
export type Delivery = Schemas["Delivery"];

const byId = (webhook_id: string) => ({ params: { path: { webhook_id } } });

export function useWebhooks() {
  return useQuery({ queryKey: ["webhooks"], queryFn: () => unwrap(api.GET("/webhooks")), refetchInterval: pollMs });
}

export function useDeliveries(webhookId: string) {
  return usePages({
    queryKey: ["deliveries", webhookId],
    read: (cursor) =>
      unwrap(
        api.GET("/webhooks/{webhook_id}/deliveries", { params: { path: { webhook_id: webhookId }, query: { ...cursor, limit: 50 } } }),
      ),
    pollMs,
  });
}

function useWebhookWrite<Input, Output>(write: (input: Input) => Promise<Output>, refetchType: "active" | "none" = "active") {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSuccess: () => Promise.all(["webhooks", "deliveries"].map((what) => queries.invalidateQueries({ queryKey: [what], refetchType }))),
  });
}

export const useCreateWebhook = () => useWebhookWrite((body: NewWebhook) => unwrap(api.POST("/webhooks", { body })));

export const useChangeWebhook = (webhookId: string) =>
  useWebhookWrite((body: WebhookChange) => unwrap(api.PATCH("/webhooks/{webhook_id}", { ...byId(webhookId), body })));

/** Its page is left before anything is read again. */
export const useDeleteWebhook = (webhookId: string) =>
  useWebhookWrite(() => unwrap(api.DELETE("/webhooks/{webhook_id}", byId(webhookId))), "none");

export const useRotateWebhookSecret = (webhookId: string) =>
  useWebhookWrite(() => unwrap(api.POST("/webhooks/{webhook_id}/secret", byId(webhookId))));

export const usePingWebhook = (webhookId: string) =>
  useWebhookWrite(() => unwrap(api.POST("/webhooks/{webhook_id}/ping", byId(webhookId))));

export const useReplayDelivery = (webhookId: string) =>
  useWebhookWrite((delivery_id: string) =>
    unwrap(
      api.POST("/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", {
        params: { path: { webhook_id: webhookId, delivery_id } },
      }),
    ),
  );

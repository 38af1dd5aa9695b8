import type { FleetCluster } from "#schema/contracts/fleet-status.ts";
import type { Box, Job } from "#schema/contracts/internal.ts";
import { namespaceOf, newId } from "#schema/domain/ids.ts";

/** A box as operators see it. */
export function sampleAnsweredBox(more: Partial<Box> = {}): Box {
  const id = more.id ?? newId();
  return {
    id,
    customer_id: newId(),
    customer_email: "ada@example.com",
    cluster_id: "hel1",
    namespace: namespaceOf(id),
    tier: "starter",
    status: "active",
    desired_status: "active",
    status_reason: null,
    health: "healthy",
    health_code: null,
    unhealthy_since: null,
    change_undone_at: null,
    generation: 1,
    observed_generation: 1,
    model: "kimi-coding/k2p5",
    thinking_level: "low",
    language: "en",
    telegram_bot_username: "ada_bot",
    telegram_chat_url: "https://t.me/ada_bot",
    telegram_user_ids: [42],
    telegram_users: [{ id: 42, name: "Ada" }],
    token_last4: "wxyz",
    created_at: "2026-11-01T00:00:00.000Z",
    last_seen_at: "2026-11-23T00:00:00.000Z",
    destroyed_at: null,
    ...more,
  };
}

export const sampleJob = (more: Partial<Job> = {}): Job => ({
  id: newId(),
  box_id: newId(),
  cluster_id: "hel1",
  type: "restart",
  status: "queued",
  generation: 1,
  attempt: 0,
  steps: [],
  error_code: null,
  error_message: null,
  requested_by: "operator:ops",
  created_at: "2026-11-23T00:00:00.000Z",
  started_at: null,
  finished_at: null,
  ...more,
});

const NONE: FleetCluster["boxes"] = {
  pending: 0,
  provisioning: 0,
  active: 0,
  updating: 0,
  suspending: 0,
  suspended: 0,
  reactivating: 0,
  destroying: 0,
  destroyed: 0,
  failed: 0,
};

/** A cluster where everything is as it should be at that moment. */
export const sampleCluster = (now: number, { boxes, ...more }: Partial<FleetCluster> = {}): FleetCluster => ({
  id: "hel1",
  accepts_boxes: true,
  last_seen_at: new Date(now - 10_000).toISOString(),
  paused_since: null,
  agents: [{ kid: "k1", instance: null, capacity: 4, holds: 0 }],
  jobs: { queued: 0, running: 0, oldest_queued_at: null },
  ...more,
  boxes: { ...NONE, ...boxes },
});

/** Every operation, who may ask it, and a body that is good: an operation that is not here makes the suite fail. */
import type { Audience } from "./wrong-callers.ts";

export interface Row {
  audience: Audience;
  /** What it takes as JSON; left out: nothing. */
  body?: object;
  /** Its body is bytes. */
  octets?: true;
  /** What it can't do without. */
  query?: string;
  /** Any operator's key will do. */
  anyScope?: true;
  /** No model of the built-in table has it: even a genuine token gets that answer before its meter is called. */
  unserved?: true;
  /** It has no id, so no other owner's can be requested. */
  ownOnly?: true;
}

const operator = (body?: object): Row => ({ audience: "operator", ...(body && { body }) });
const agent = (body?: object): Row => ({ audience: "agent", ...(body && { body }) });
const own = (body?: object): Row => ({ ...agent(body), ownOnly: true });
const model = (body?: object): Row => ({ audience: "model", ...(body && { body: { model: "k2p5", ...body } }) });
const messages = [{ role: "user", content: "x" }];
const hook: Row = { audience: "hook" };

const figures = { boxes: 0, missing: 0, differing: 0, seconds: 0 };
const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

export const ROWS: Record<string, Row> = {
  "GET /healthz": { audience: "public" },
  "GET /openapi.json": { audience: "public" },
  "GET /reference": { audience: "public" },

  "GET /internal/boxes": operator(),
  "GET /internal/boxes/{box_id}": operator(),
  "GET /internal/boxes/{box_id}/wanted": operator(),
  "POST /internal/boxes/{box_id}/rollout-order": operator({ first: true }),
  "POST /internal/provision": operator({ customer_email: "a@example.com" }),
  "POST /internal/suspend/{box_id}": operator(),
  "POST /internal/reactivate/{box_id}": operator(),
  "POST /internal/restart/{box_id}": operator(),
  "POST /internal/destroy/{box_id}": operator(),
  "POST /internal/resize/{box_id}": operator({ tier: "pro" }),
  "POST /internal/update/{box_id}": operator({ language: "en" }),
  "GET /internal/jobs": operator(),
  "GET /internal/jobs/{job_id}": operator(),
  "POST /internal/jobs/{job_id}/retry": operator(),
  "POST /internal/jobs/{job_id}/cancel": operator(),
  "GET /internal/backups": operator(),
  "GET /internal/backups/{backup_id}": operator(),
  "POST /internal/backup/{box_id}": operator(),
  "POST /internal/backups/{backup_id}/restore": operator({ box_id: ID }),
  "GET /internal/images": operator(),
  "POST /internal/images": operator({ openclaw_version: "2026.9.6" }),
  "GET /internal/rollouts": operator(),
  "POST /internal/rollouts": operator({ image: ID }),
  "GET /internal/rollouts/{rollout_id}": operator(),
  "POST /internal/rollouts/{rollout_id}/pause": operator(),
  "POST /internal/rollouts/{rollout_id}/resume": operator(),
  "POST /internal/rollouts/{rollout_id}/abort": operator({}),
  "GET /internal/tokens": operator(),
  "POST /internal/tokens": operator({ customer_id: ID, label: "x" }),
  "POST /internal/tokens/lookup": operator({ token: "x" }),
  "GET /internal/tokens/{token_id}": operator(),
  "POST /internal/tokens/{token_id}/rotate": operator({}),
  "POST /internal/tokens/{token_id}/revoke": operator(),
  "GET /internal/usage": { ...operator(), query: "from=2026-03-01&to=2026-03-02" },
  "GET /internal/metrics": operator(),
  "GET /internal/audit": operator(),
  "GET /internal/fleet": operator(),
  "POST /internal/clusters/{cluster_id}/drain": operator({}),
  "POST /internal/clusters/{cluster_id}/resume": operator(),
  "POST /internal/clusters/{cluster_id}/revoke-agent-key": operator({ kid: "another" }),
  "GET /internal/clusters/{cluster_id}/comparison": operator(),
  "POST /internal/clusters/{cluster_id}/reconcile": operator({}),
  "GET /internal/clusters/{cluster_id}/pool": operator(),
  "PUT /internal/clusters/{cluster_id}/pool": operator({ starter: 0 }),
  "GET /internal/key": { ...operator(), anyScope: true },

  "GET /fleet/mailbox": own(),
  "GET /fleet/boxes": own(),
  "POST /fleet/poll": own({ capacity: 0, running: [], wait: 0 }),
  "POST /fleet/health": own({ boxes: [] }),
  "POST /fleet/drift": own({ boxes: [{ box_id: ID, generation: 1, found: ["x"] }] }),
  "POST /fleet/comparison": own({ present: 0, strays: [], outdated: [], figures }),
  "GET /fleet/jobs/{job_id}/box": { ...agent(), query: "fence=1" },
  "GET /fleet/jobs/{job_id}/transfer": { ...agent(), query: "fence=1" },
  "POST /fleet/jobs/{job_id}/heartbeat": agent({ fence: 1 }),
  "POST /fleet/jobs/{job_id}/progress": agent({ fence: 1, step: "x", message: "x" }),
  "POST /fleet/jobs/{job_id}/complete": agent({ outcome: "succeeded", fence: 1, observed_generation: 1 }),

  "PUT /fleet/transfers/{order_id}/parts/{index}": { audience: "box", octets: true },
  "GET /fleet/transfers/{order_id}/parts/{index}": { audience: "box" },
  "POST /fleet/transfers/{order_id}/result": { audience: "box", body: { outcome: "restored" } },
  "POST /fleet/box/changes": { audience: "supervisor", body: { files: ["openclaw.json"] } },

  "POST /v1/chat/completions": model({ messages }),
  "POST /v1/responses": { ...model({ input: "x" }), unserved: true },
  "POST /v1/embeddings": { ...model({ input: "x" }), unserved: true },
  "POST /v1/messages": model({ max_tokens: 1, messages }),
  "POST /v1/messages/count_tokens": model({ messages }),
  "POST /coding/v1/messages": model({ max_tokens: 1, messages }),
  "POST /coding/v1/messages/count_tokens": model({ messages }),
  "GET /v1/models": model(),
  "GET /v1/models/{id}": model(),
  "POST /hooks/qstash/jobs": hook,
  "POST /hooks/qstash/failed": hook,
};

import { fileURLToPath } from "node:url";
import { type Context, Hono } from "hono";
import { serve } from "#cluster/local/http/serve.ts";
import { type Box, ProvisionRequest, UpdateRequest } from "#schema/contracts/internal.ts";
import type { Problem } from "#schema/contracts/problem.ts";
import { ERRORS, type ErrorCode } from "#schema/domain/errors.ts";
import type { JobType } from "#schema/domain/states.ts";
import { FakeFleet } from "./fake-fleet.ts";
import { FakeMetrics, metricsRoutes } from "./fake-metrics.ts";
import { FakeTokens, tokenRoutes } from "./fake-tokens.ts";
import { staticFile } from "./static-files.ts";

const DIST = fileURLToPath(new URL("../../site/dist", import.meta.url));
const PAGE = 20;

export interface FakeEdge {
  url: string;
  key: string;
  fleet: FakeFleet;
  tokens: FakeTokens;
  metrics: FakeMetrics;
  /** Bodies of the provision calls, as they came. */
  provisions: unknown[];
  /** The same of the update calls. */
  updates: unknown[];
  /** Every request line, to look for what must not be in one. */
  lines: string[];
  /** The next provision call is answered with this. */
  refuseNext: (Pick<Problem, "code" | "detail"> & { errors?: Problem["errors"] }) | undefined;
  close(): Promise<void>;
}

function problem(c: Context, code: ErrorCode, detail: string, errors?: Problem["errors"]): Response {
  const { status, title } = ERRORS[code];
  const body: Problem = {
    type: "about:blank",
    title,
    status,
    code,
    detail,
    request_id: "req_test_42",
    ...(errors && { errors }),
  };
  return c.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
}

/** `/internal/*` of the edge as the contracts say, in memory, and the built site beside it. */
export async function startFakeEdge(): Promise<FakeEdge> {
  const fleet = new FakeFleet();
  const app = new Hono();
  const edge: Omit<FakeEdge, "url" | "close"> = {
    key: "ops-key-0123456789",
    fleet,
    tokens: new FakeTokens(),
    metrics: new FakeMetrics(),
    provisions: [],
    updates: [],
    lines: [],
    refuseNext: undefined,
  };

  app.use(async (c, next) => {
    edge.lines.push(`${c.req.method} ${c.req.url}`);
    await next();
  });
  app.use("/internal/*", async (c, next) => {
    if (c.req.header("authorization") !== `Bearer ${edge.key}`)
      return problem(c, "unauthorized", "Send an operator's key as Authorization: Bearer <key>");
    return next();
  });
  routes(app, edge);
  tokenRoutes(app, edge.tokens, (c, detail) => problem(c, "not_found", detail));
  metricsRoutes(app, edge.metrics);
  app.get("*", (c) => staticFile(DIST, c.req.path));

  const { url, close } = await serve(app);
  return Object.assign(edge, { url, close });
}

function routes(app: Hono, edge: Omit<FakeEdge, "url" | "close">): void {
  const { fleet } = edge;
  app.post("/internal/provision", async (c) => {
    const body: unknown = await c.req.json();
    edge.provisions.push(body);
    const refuse = edge.refuseNext;
    edge.refuseNext = undefined;
    if (refuse) return problem(c, refuse.code as ErrorCode, refuse.detail, refuse.errors);
    const request = ProvisionRequest.safeParse(body);
    if (!request.success) {
      const errors = request.error.issues.map((issue) => ({
        pointer: `/${issue.path.join("/")}`,
        detail: issue.message,
      }));
      return problem(c, "invalid_request", "Some fields are not valid.", errors);
    }
    return c.json(fleet.provision(request.data), 202);
  });

  app.get("/internal/boxes", (c) => {
    const { status, health, q, cursor } = c.req.query();
    const matches = (box: Box) =>
      (!status || box.status === status) &&
      (!health || box.health === health) &&
      (!q || `${box.customer_email} ${box.telegram_bot_username} ${box.id}`.includes(q));
    const boxes = [...fleet.boxes.values()].reverse().filter(matches);
    const from = Number(cursor ?? 0);
    const more = boxes.length > from + PAGE;
    return c.json({ boxes: boxes.slice(from, from + PAGE), next_cursor: more ? String(from + PAGE) : null });
  });
  app.get("/internal/boxes/:id", (c) => {
    const box = fleet.boxes.get(c.req.param("id"));
    return box ? c.json(box) : problem(c, "not_found", "There is no such box.");
  });

  app.get("/internal/jobs", (c) => {
    const boxId = c.req.query("box_id");
    const jobs = [...fleet.jobs.values()].reverse().filter((job) => !boxId || job.box_id === boxId);
    return c.json({ jobs: jobs.slice(0, PAGE), next_cursor: null });
  });
  app.get("/internal/jobs/:id", (c) => {
    const job = fleet.jobs.get(c.req.param("id"));
    if (!job) return problem(c, "not_found", "There is no such job.");
    fleet.advance(job);
    return c.json(job);
  });
  app.post("/internal/jobs/:id/:verb{retry|cancel}", (c) => {
    const job = fleet.jobs.get(c.req.param("id"));
    if (!job) return problem(c, "not_found", "There is no such job.");
    const retry = c.req.param("verb") === "retry";
    Object.assign(job, retry ? { status: "queued", finished_at: null, error_message: null } : { status: "cancelled" });
    return c.json(job);
  });

  app.post("/internal/update/:id", async (c) => {
    const box = fleet.boxes.get(c.req.param("id"));
    if (!box) return problem(c, "not_found", "There is no such box.");
    const body: unknown = await c.req.json();
    edge.updates.push(body);
    return c.json(fleet.update(box, UpdateRequest.parse(body)), 202);
  });
  app.post("/internal/:verb{suspend|reactivate|restart|destroy}/:id", (c) => {
    const box = fleet.boxes.get(c.req.param("id"));
    if (!box) return problem(c, "not_found", "There is no such box.");
    return c.json(fleet.change(box, c.req.param("verb") as JobType), 202);
  });
}

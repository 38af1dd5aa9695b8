/** Operators: boxes, and every change of one. */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import * as z from "zod";
import {
  type Accepted,
  Box,
  BoxList,
  ProvisionRequest,
  ResizeRequest,
  UpdateRequest,
} from "#schema/contracts/internal.ts";
import { WantedBox } from "#schema/contracts/wanted-box.ts";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import type { Ctx } from "../../context.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { idempotent } from "../../http/idempotent.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { destroyBox } from "../../services/boxes/destroy.ts";
import { getBox } from "../../services/boxes/get.ts";
import { listBoxes } from "../../services/boxes/list.ts";
import { provisionBox } from "../../services/boxes/provision.ts";
import { reactivateBox } from "../../services/boxes/reactivate.ts";
import { resizeBox } from "../../services/boxes/resize.ts";
import { restartBox } from "../../services/boxes/restart.ts";
import { suspendBox } from "../../services/boxes/suspend.ts";
import { updateBox } from "../../services/boxes/update.ts";
import { wantedBox } from "../../services/fleet/wanted-box.ts";
import { accepted, BoxId, common, IdempotencyKey, jsonAnswer, jsonBody } from "./operation.ts";
import { createRouter } from "./router.ts";

const reading = [requireScope("boxes:read")];
const writing = [requireScope("boxes:write"), idempotent()];
const { security, problems } = common;
const tags = ["Boxes"];

const list = createRoute({
  method: "get",
  path: "/internal/boxes",
  summary: "List boxes, newest first",
  tags,
  security,
  middleware: reading,
  request: {
    query: z.object({
      status: z.enum(BOX_STATUSES).optional(),
      cluster: z.string().max(32).optional(),
      email: z.string().max(254).optional(),
      q: z.string().max(254).optional().meta({ description: "Part of an email or bot name, or the start of an id" }),
      cursor: z.string().max(200).optional(),
    }),
  },
  responses: { 200: jsonAnswer("A page of boxes", BoxList), ...problems },
});

const get = createRoute({
  method: "get",
  path: "/internal/boxes/{box_id}",
  summary: "One box",
  tags,
  security,
  middleware: reading,
  request: { params: BoxId },
  responses: { 200: jsonAnswer("The box", Box), ...problems },
});

const wanted = createRoute({
  method: "get",
  path: "/internal/boxes/{box_id}/wanted",
  summary: "What a box should be in its cluster, without its secrets",
  tags,
  security,
  middleware: reading,
  request: { params: BoxId },
  responses: { 200: jsonAnswer("To be compared with what is there", WantedBox), ...problems },
});

const provision = createRoute({
  method: "post",
  path: "/internal/provision",
  summary: "Give a customer an agent",
  tags,
  security,
  middleware: writing,
  request: { headers: IdempotencyKey, ...jsonBody(ProvisionRequest) },
  responses: { 202: accepted, ...problems },
});

const change = <P extends string>(verb: P, summary: string) =>
  createRoute({
    method: "post",
    path: `/internal/${verb}/{box_id}`,
    summary,
    tags,
    security,
    middleware: writing,
    request: { headers: IdempotencyKey, params: BoxId },
    responses: { 202: accepted, ...problems },
  });

const resize = createRoute({
  ...change("resize", "Give a box another tier"),
  request: { headers: IdempotencyKey, params: BoxId, ...jsonBody(ResizeRequest) },
});
const update = createRoute({
  ...change("update", "Change a box's model, thinking level, language or system prompt"),
  request: { headers: IdempotencyKey, params: BoxId, ...jsonBody(UpdateRequest) },
});

export const boxRoutes = createRouter();

boxRoutes.openapi(list, async (c) => c.json(await listBoxes({ ctx: c.var.ctx, input: c.req.valid("query") }), 200));
boxRoutes.openapi(get, async (c) => {
  const { box_id: boxId } = c.req.valid("param");
  return c.json(await getBox({ ctx: c.var.ctx, input: { boxId } }), 200);
});
boxRoutes.openapi(wanted, async (c) => {
  const { box_id: boxId } = c.req.valid("param");
  return c.json(await wantedBox({ ctx: c.var.ctx, input: { boxId } }), 200);
});
boxRoutes.openapi(provision, async (c) =>
  answer(c, await provisionBox({ ctx: c.var.ctx, input: c.req.valid("json") })),
);
boxRoutes.openapi(change("suspend", "Stop an agent; its memory stays"), by(suspendBox));
boxRoutes.openapi(change("reactivate", "Start a suspended agent again"), by(reactivateBox));
boxRoutes.openapi(change("restart", "Restart an agent"), by(restartBox));
boxRoutes.openapi(change("destroy", "Remove an agent and its memory, for good"), by(destroyBox));
boxRoutes.openapi(resize, async (c) => {
  const input = { boxId: c.req.valid("param").box_id, ...c.req.valid("json") };
  return answer(c, await resizeBox({ ctx: c.var.ctx, input }));
});
boxRoutes.openapi(update, async (c) => {
  const input = { boxId: c.req.valid("param").box_id, ...c.req.valid("json") };
  return answer(c, await updateBox({ ctx: c.var.ctx, input }));
});

type ChangeVerb = (call: { ctx: Ctx; input: { boxId: string } }) => Promise<Accepted>;
type BoxContext = Context<AppEnv, string, { in: { param: { box_id: string } }; out: { param: { box_id: string } } }>;

function by(verb: ChangeVerb) {
  return async (c: BoxContext) =>
    answer(c, await verb({ ctx: c.var.ctx, input: { boxId: c.req.valid("param").box_id } }));
}

function answer(c: Context<AppEnv>, body: Accepted) {
  return c.json(body, 202, { location: `/internal/jobs/${body.job.id}` });
}

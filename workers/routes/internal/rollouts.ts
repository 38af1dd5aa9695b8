/** Operators: gateway images, and how they get to the boxes. */
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import {
  GatewayImage,
  ImageList,
  RegisterImageRequest,
  Rollout,
  RolloutList,
  RolloutOrder,
  RolloutOrderRequest,
  StartRolloutRequest,
  StopRolloutRequest,
} from "#schema/contracts/rollouts.ts";
import { idempotent } from "../../http/idempotent.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { getRollout } from "../../services/rollouts/get.ts";
import { listImages, registerImage } from "../../services/rollouts/images.ts";
import { listRollouts } from "../../services/rollouts/list.ts";
import { setRolloutOrder } from "../../services/rollouts/set-order.ts";
import { startRollout } from "../../services/rollouts/start.ts";
import { abortRollout, pauseRollout, resumeRollout } from "../../services/rollouts/stop.ts";
import { BoxId, common, IdempotencyKey, jsonAnswer, jsonBody } from "./operation.ts";
import { createRouter } from "./router.ts";

const { security, problems } = common;
const tags = ["Rollouts"];
const reading = { tags, security, middleware: [requireScope("boxes:read")] };
const writing = { tags, security, middleware: [requireScope("fleet:write")] };
const RolloutId = z.object({ rollout_id: z.uuid() });

const postImage = createRoute({
  method: "post",
  path: "/internal/images",
  summary: "Register a gateway image; what is told of it never changes",
  ...writing,
  middleware: [requireScope("fleet:write"), idempotent()],
  request: { headers: IdempotencyKey, ...jsonBody(RegisterImageRequest) },
  responses: { 201: jsonAnswer("The image", GatewayImage), ...problems },
});

const getImages = createRoute({
  method: "get",
  path: "/internal/images",
  summary: "The newest gateway images, and where they run",
  ...reading,
  responses: { 200: jsonAnswer("The images", ImageList), ...problems },
});

const start = createRoute({
  method: "post",
  path: "/internal/rollouts",
  summary: "Bring a cluster's boxes to another image: a canary, then waves; back by itself where health drops",
  ...writing,
  middleware: [requireScope("fleet:write"), idempotent()],
  request: { headers: IdempotencyKey, ...jsonBody(StartRolloutRequest) },
  responses: { 202: jsonAnswer("The rollout; the minute's sweep begins it", Rollout), ...problems },
});

const list = createRoute({
  method: "get",
  path: "/internal/rollouts",
  summary: "List rollouts, newest first",
  ...reading,
  request: {
    query: z.object({
      cluster: z.string().max(32).optional(),
      active: z.stringbool().optional().meta({ description: "Only those that are not over" }),
      cursor: z.string().max(200).optional(),
    }),
  },
  responses: { 200: jsonAnswer("A page of rollouts", RolloutList), ...problems },
});

const get = createRoute({
  method: "get",
  path: "/internal/rollouts/{rollout_id}",
  summary: "One rollout: each wave's boxes, their health, what it waits for",
  ...reading,
  request: { params: RolloutId },
  responses: { 200: jsonAnswer("The rollout", Rollout), ...problems },
});

const change = <P extends string>(verb: P, summary: string) =>
  createRoute({
    method: "post",
    path: `/internal/rollouts/{rollout_id}/${verb}`,
    summary,
    ...writing,
    request: { params: RolloutId },
    responses: { 200: jsonAnswer("The rollout as it is now", Rollout), ...problems },
  });

const abort = createRoute({
  ...change("abort", "Stop, and bring every box that was moved back to the image before"),
  request: { params: RolloutId, ...jsonBody(StopRolloutRequest) },
});

const order = createRoute({
  method: "post",
  path: "/internal/boxes/{box_id}/rollout-order",
  summary: "Whether rollouts move a box before others: for the operators' own",
  ...writing,
  request: { params: BoxId, ...jsonBody(RolloutOrderRequest) },
  responses: { 200: jsonAnswer("As it is now", RolloutOrder), ...problems },
});

export const rolloutRoutes = createRouter();

rolloutRoutes.openapi(postImage, async (c) =>
  c.json(await registerImage({ ctx: c.var.ctx, input: c.req.valid("json") }), 201),
);
rolloutRoutes.openapi(getImages, async (c) => c.json(await listImages({ ctx: c.var.ctx }), 200));
rolloutRoutes.openapi(start, async (c) => {
  const rollout = await startRollout({ ctx: c.var.ctx, input: c.req.valid("json") });
  return c.json(rollout, 202, { location: `/internal/rollouts/${rollout.id}` });
});
rolloutRoutes.openapi(list, async (c) =>
  c.json(await listRollouts({ ctx: c.var.ctx, input: c.req.valid("query") }), 200),
);
rolloutRoutes.openapi(get, async (c) => {
  const input = { rolloutId: c.req.valid("param").rollout_id };
  return c.json(await getRollout({ ctx: c.var.ctx, input }), 200);
});
rolloutRoutes.openapi(change("pause", "Move nothing more; the guard stays"), async (c) => {
  const input = { rolloutId: c.req.valid("param").rollout_id };
  return c.json(await pauseRollout({ ctx: c.var.ctx, input }), 200);
});
rolloutRoutes.openapi(change("resume", "Go on where it was paused"), async (c) => {
  const input = { rolloutId: c.req.valid("param").rollout_id };
  return c.json(await resumeRollout({ ctx: c.var.ctx, input }), 200);
});
rolloutRoutes.openapi(abort, async (c) => {
  const input = { rolloutId: c.req.valid("param").rollout_id, ...c.req.valid("json") };
  return c.json(await abortRollout({ ctx: c.var.ctx, input }), 200);
});
rolloutRoutes.openapi(order, async (c) => {
  const input = { boxId: c.req.valid("param").box_id, ...c.req.valid("json") };
  return c.json(await setRolloutOrder({ ctx: c.var.ctx, input }), 200);
});

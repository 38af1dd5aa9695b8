/** Operators: gateway images and rollouts. */
import * as z from "zod";
import { flag, storable, timeCursor } from "#schema/contracts/parts.ts";
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
import { getRollout } from "../../services/rollouts/get.ts";
import { listImages, registerImage } from "../../services/rollouts/images.ts";
import { listRollouts } from "../../services/rollouts/list.ts";
import { setRolloutOrder } from "../../services/rollouts/set-order.ts";
import { startRollout } from "../../services/rollouts/start.ts";
import { abortRollout, pauseRollout, resumeRollout } from "../../services/rollouts/stop.ts";
import { json } from "../answer.ts";
import { operation } from "../operation.ts";

const reading = { audience: "operator", tag: "Rollouts", scope: "boxes:read", method: "get" } as const;
const writing = { ...reading, scope: "fleet:write", method: "post" } as const;
const asItIsNow = json("The rollout", Rollout);

export const rolloutOperations = [
  operation({
    ...writing,
    path: "/internal/images",
    summary: "Register a gateway image; it can't be changed afterwards",
    idempotent: true,
    body: RegisterImageRequest,
    output: json("The image", GatewayImage, 201),
    verb: registerImage,
  }),
  operation({
    ...reading,
    path: "/internal/images",
    summary: "The newest gateway images, and where they run",
    output: json("The images", ImageList),
    verb: listImages,
  }),
  operation({
    ...writing,
    path: "/internal/rollouts",
    summary:
      "Bring a cluster's boxes to another image: a canary, then waves; it rolls back by itself when health drops",
    idempotent: true,
    body: StartRolloutRequest,
    output: json("The rollout; the next sweep starts it", Rollout, 202),
    location: ({ id }) => `/internal/rollouts/${id}`,
    verb: startRollout,
  }),
  operation({
    ...reading,
    path: "/internal/rollouts",
    summary: "List rollouts, newest first",
    query: z.strictObject({
      cluster: storable(32).optional(),
      active: flag.optional().meta({ description: "Only active ones" }),
      cursor: timeCursor.optional(),
    }),
    output: json("A page of rollouts", RolloutList),
    verb: listRollouts,
  }),
  operation({
    ...reading,
    path: "/internal/rollouts/{rollout_id}",
    summary: "Show one rollout: each wave's boxes, their health, what it waits for",
    output: json("The rollout", Rollout),
    verb: getRollout,
  }),
  operation({
    ...writing,
    path: "/internal/rollouts/{rollout_id}/pause",
    summary: "Pause a rollout; a drop in health still rolls back",
    output: asItIsNow,
    verb: pauseRollout,
  }),
  operation({
    ...writing,
    path: "/internal/rollouts/{rollout_id}/resume",
    summary: "Continue a paused rollout",
    output: asItIsNow,
    verb: resumeRollout,
  }),
  operation({
    ...writing,
    path: "/internal/rollouts/{rollout_id}/abort",
    summary: "Stop, and return every moved box to its previous image",
    body: StopRolloutRequest,
    output: asItIsNow,
    verb: abortRollout,
  }),
  operation({
    ...writing,
    path: "/internal/boxes/{box_id}/rollout-order",
    summary: "Whether rollouts move a box first: for the operators' own boxes",
    body: RolloutOrderRequest,
    output: json("The box's setting", RolloutOrder),
    verb: setRolloutOrder,
  }),
];

/** Operators: boxes and their changes. */
import * as z from "zod";
import {
  type Accepted,
  Box,
  BoxList,
  ProvisionRequest,
  ResizeRequest,
  UpdateRequest,
} from "#schema/contracts/internal.ts";
import { flag, storable, timeCursor } from "#schema/contracts/parts.ts";
import { WantedBox } from "#schema/contracts/wanted-box.ts";
import { HEALTH_STATES } from "#schema/domain/health.ts";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import type { Call } from "../../context.ts";
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
import { json } from "../answer.ts";
import { operation } from "../operation.ts";
import { accepted, jobLocation } from "./accepted.ts";

const reading = { audience: "operator", tag: "Boxes", scope: "boxes:read", method: "get" } as const;
const writing = {
  ...reading,
  scope: "boxes:write",
  method: "post",
  idempotent: true,
  output: accepted,
  location: jobLocation,
} as const;

type Change = (call: Call<{ boxId: string }>) => Promise<Accepted>;
const change = (name: string, summary: string, verb: Change) =>
  operation({ ...writing, path: `/internal/${name}/{box_id}`, summary, verb });

export const boxOperations = [
  operation({
    ...reading,
    path: "/internal/boxes",
    summary: "List boxes, newest first",
    query: z.strictObject({
      status: z.enum(BOX_STATUSES).optional(),
      health: z.enum(HEALTH_STATES).optional(),
      destroyed: flag.optional().meta({ description: "`false` leaves out destroyed boxes" }),
      cluster: storable(32).optional(),
      email: storable(254).optional(),
      q: storable(254).optional().meta({ description: "Part of an email or bot name, or the start of an id" }),
      cursor: timeCursor.optional(),
    }),
    output: json("A page of boxes", BoxList),
    verb: listBoxes,
  }),
  operation({
    ...reading,
    path: "/internal/boxes/{box_id}",
    summary: "One box",
    output: json("The box", Box),
    verb: getBox,
  }),
  operation({
    ...reading,
    path: "/internal/boxes/{box_id}/wanted",
    summary: "A box's desired state in its cluster, without its secrets",
    output: json("The desired state", WantedBox),
    verb: wantedBox,
  }),
  operation({
    ...writing,
    path: "/internal/provision",
    summary: "Provision a box for a customer",
    body: ProvisionRequest,
    verb: provisionBox,
  }),
  change("suspend", "Stop a box; its memory stays", suspendBox),
  change("reactivate", "Start a suspended box again", reactivateBox),
  change("restart", "Restart a box", restartBox),
  change("destroy", "Destroy a box and its memory, permanently", destroyBox),
  operation({
    ...writing,
    path: "/internal/resize/{box_id}",
    summary: "Move a box to another tier, and say who stays where that has less room",
    body: ResizeRequest,
    verb: resizeBox,
  }),
  operation({
    ...writing,
    path: "/internal/update/{box_id}",
    summary: "Change a box's model, thinking level, language, system prompt, bot or people",
    body: UpdateRequest,
    verb: updateBox,
  }),
];

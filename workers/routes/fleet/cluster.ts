/** What fleet-agents ask and tell about their cluster (schema/contracts/{fleet,comparison}.ts). */
import * as z from "zod";
import {
  ComparisonAnswer,
  ComparisonReport,
  DriftAnswer,
  DriftReport,
  ListedBoxes,
} from "#schema/contracts/comparison.ts";
import { HealthAnswer, HealthReport, PollAnswer, PollRequest } from "#schema/contracts/fleet.ts";
import { text } from "#schema/contracts/parts.ts";
import { KID_HEADER } from "../../contracts/mailbox.ts";
import { ownCluster } from "../../services/access.ts";
import { listFleetBoxes } from "../../services/fleet/list-fleet-boxes.ts";
import { recordDrift } from "../../services/fleet/record-drift.ts";
import { repairDrift } from "../../services/fleet/repair-drift.ts";
import { reportHealth } from "../../services/fleet/report-health.ts";
import { json, noContent } from "../answer.ts";
import { operation } from "../operation.ts";

const asking = { audience: "agent", method: "get" } as const;
const telling = { audience: "agent", method: "post" } as const;

export const clusterOperations = [
  operation({
    ...asking,
    path: "/fleet/mailbox",
    summary: "The mailbox as a WebSocket: grants of jobs, as they come",
    headers: z.object({
      upgrade: text(16).regex(/^[Ww]eb[Ss]ocket$/, "must be websocket; POST /fleet/poll does without"),
    }),
    output: noContent("A socket: hello, grants and aborts as JSON; pings as text", 101),
    verb({ ctx }) {
      const { clusterId, kid } = ownCluster(ctx);
      return ctx.mailbox(clusterId).fetch("https://mailbox/", { headers: { upgrade: "websocket", [KID_HEADER]: kid } });
    },
  }),
  operation({
    ...telling,
    path: "/fleet/poll",
    summary: "The mailbox without a socket",
    body: PollRequest,
    output: json("At once if there is anything, else after `wait` seconds", PollAnswer),
    async verb({ ctx, input }) {
      const { clusterId, kid } = ownCluster(ctx);
      return { messages: await ctx.mailbox(clusterId).poll(input, kid) };
    },
  }),
  operation({
    ...telling,
    path: "/fleet/health",
    summary: "Tell boxes' health, and that the agent lives",
    body: HealthReport,
    output: json("What operators wish of the agent", HealthAnswer),
    verb: reportHealth,
  }),
  operation({
    ...asking,
    path: "/fleet/boxes",
    summary: "What should be in the cluster",
    query: z.strictObject({ cursor: z.uuid().optional() }),
    output: json("A page of boxes", ListedBoxes),
    verb: listFleetBoxes,
  }),
  operation({
    ...telling,
    path: "/fleet/drift",
    summary: "Tell boxes that are not as they should be",
    body: DriftReport,
    output: json("What becomes of each", DriftAnswer),
    verb: repairDrift,
  }),
  operation({
    ...telling,
    path: "/fleet/comparison",
    summary: "Tell what a full comparison found",
    body: ComparisonReport,
    output: json("What becomes of the strays", ComparisonAnswer),
    verb: recordDrift,
  }),
];

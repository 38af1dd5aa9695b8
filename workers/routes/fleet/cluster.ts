/** Fleet-agents: their cluster (schema/contracts/{fleet,comparison}.ts). */
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
    summary: "The mailbox as a WebSocket: receive grants as they come",
    headers: z.object({
      upgrade: text(16).regex(/^[Ww]eb[Ss]ocket$/, "must be websocket; without one, use POST /fleet/poll"),
    }),
    output: noContent("A socket: hello, grants and aborts as JSON, pings as text", 101),
    verb({ ctx }) {
      const { clusterId, kid } = ownCluster(ctx);
      return ctx.mailbox(clusterId).fetch("https://mailbox/", { headers: { upgrade: "websocket", [KID_HEADER]: kid } });
    },
  }),
  operation({
    ...telling,
    path: "/fleet/poll",
    summary: "The mailbox by long polling",
    body: PollRequest,
    output: json("At once if there are messages, otherwise after `wait` seconds", PollAnswer),
    async verb({ ctx, input }) {
      const { clusterId, kid } = ownCluster(ctx);
      return { messages: await ctx.mailbox(clusterId).poll(input, kid) };
    },
  }),
  operation({
    ...telling,
    path: "/fleet/health",
    summary: "Report boxes' health; also the agent's heartbeat",
    body: HealthReport,
    output: json("What operators have requested of the agent", HealthAnswer),
    verb: reportHealth,
  }),
  operation({
    ...asking,
    path: "/fleet/boxes",
    summary: "List the boxes that should be in the cluster",
    query: z.strictObject({ cursor: z.uuid().optional() }),
    output: json("A page of boxes", ListedBoxes),
    verb: listFleetBoxes,
  }),
  operation({
    ...telling,
    path: "/fleet/drift",
    summary: "Report boxes that have drifted",
    body: DriftReport,
    output: json("What happens to each box", DriftAnswer),
    verb: repairDrift,
  }),
  operation({
    ...telling,
    path: "/fleet/comparison",
    summary: "Report the result of a full comparison",
    body: ComparisonReport,
    output: json("What happens to the strays", ComparisonAnswer),
    verb: recordDrift,
  }),
];

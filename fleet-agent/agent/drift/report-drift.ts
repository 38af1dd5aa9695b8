import type { Drift, DriftAnswer } from "#schema/contracts/comparison.ts";
import type { Logger } from "../../log.ts";
import type { EdgeClient } from "../edge/edge-client.ts";

/** The contract's most boxes in one report. */
const PER_REPORT = 200;

export type Verdicts = DriftAnswer["boxes"];

/**
 * Requests repairs of these boxes from the edge, wholly missing ones first. Stops early if the edge accepts no more:
 * the rest counts as `later`.
 */
export async function reportDrift(
  edge: Pick<EdgeClient, "drift">,
  log: Logger,
  boxes: readonly Drift[],
  signal: AbortSignal,
): Promise<Verdicts> {
  const verdicts: Verdicts = [];
  for (let i = 0; i < boxes.length; i += PER_REPORT) {
    const report = boxes.slice(i, i + PER_REPORT);
    const answer = await edge.drift({ boxes: report }, signal);
    verdicts.push(...answer.boxes);
    for (const { box_id, verdict } of answer.boxes) {
      const found = report.find((box) => box.box_id === box_id)?.found;
      log.info({ box: box_id, verdict, found }, "a box has drifted");
    }
    if (!answer.boxes.some(({ verdict }) => verdict === "repairing")) {
      const rest = boxes.slice(i + PER_REPORT).map(({ box_id }) => ({ box_id, verdict: "later" as const }));
      return [...verdicts, ...rest];
    }
  }
  return verdicts;
}

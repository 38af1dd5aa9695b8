/** The input and output of a rollout's decisions. Pure. */
import type { RolloutStatus } from "#schema/domain/states.ts";

/** One live box of the cluster, as the database knows it. */
export interface BoxState {
  id: string;
  /** Moved first: of the warm pool, or the operators' own. */
  first: boolean;
  /** It should run and did; a suspended or failed box says nothing about an image. */
  runs: boolean;
  /** Its image can be changed now; not while it is being provisioned. */
  movable: boolean;
  /** It existed when the rollout began. A younger one is moved at the end, so that the waves have an end. */
  older: boolean;
  /** Its desired image is the new one. */
  onNew: boolean;
  /** The fleet does not report it unhealthy, and it was not restarted for its health since its move. */
  well: boolean;
  /** It became unhealthy a moment ago and may recover. */
  passing: boolean;
  /** The fleet's reason. */
  reason: string | null;
  /** Its move in this rollout; undefined if there is none. */
  move: Move | undefined;
}

export interface Move {
  wave: number;
  /** It ran and was not unhealthy when it was moved. */
  wasWell: boolean;
  /** It was asked to go back to its previous image. */
  restored: boolean;
  /** The state of the newest request. */
  state: "moving" | "settled" | "failed";
}

export interface Rollout {
  id: string;
  status: RolloutStatus;
  /** Percent, rising to 100. */
  shares: readonly number[];
  /** Index into `shares`. */
  wave: number;
  /** When the last box of the wave was done (ms). */
  waveDoneAt: number | undefined;
  soakMs: number;
  maxConcurrent: number;
  maxFailed: number;
  maxUnhealthyPercent: number;
  boxesBefore: number;
  unwellBefore: number;
}

export interface Situation {
  rollout: Rollout;
  boxes: readonly BoxState[];
  /** When the cluster's agent last reported (ms). */
  agentSeenAt: number | undefined;
  now: number;
}

export type Decision =
  /** Nothing to do yet; `why` is for operators. */
  | { kind: "wait"; why: string }
  /** Move these boxes to the new image. */
  | { kind: "move"; boxIds: string[] }
  /** The wave's boxes are done: its soak begins. */
  | { kind: "soak" }
  | { kind: "next_wave" }
  /** All waves are done: the new image becomes the cluster's. */
  | { kind: "finish" }
  | { kind: "roll_back"; reason: string }
  /** Move these boxes back to their previous image. */
  | { kind: "restore"; boxIds: string[] }
  | { kind: "end"; status: "succeeded" | "rolled_back" };

/** The boxes by which the new image is judged: they were healthy before and have finished their move. */
export const judged = (boxes: readonly BoxState[]): BoxState[] =>
  boxes.filter(({ onNew, runs, move }) => onNew && runs && move?.wasWell && move.state === "settled");

/** The running boxes still on the old image, for comparison. */
export const untouched = (boxes: readonly BoxState[]): BoxState[] => boxes.filter((box) => !box.onNew && box.runs);

export const failedMoves = (boxes: readonly BoxState[]): BoxState[] =>
  boxes.filter(({ onNew, move }) => onNew && move?.wasWell && move.state === "failed");

/** 0 to 100. */
export const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

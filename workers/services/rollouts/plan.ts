/** What a rollout is decided from, and what may be decided. No I/O here nor in the deciding. */
import type { RolloutStatus } from "#schema/domain/states.ts";

/** One live box of the cluster, as the database knows it. */
export interface BoxState {
  id: string;
  /** Goes before others: of the warm pool, or the operators' own. */
  first: boolean;
  /** It is to run and did; one that is suspended or has failed says nothing about an image. */
  runs: boolean;
  /** Its image can be changed now; not while it is being made. */
  movable: boolean;
  /** It was there when the rollout began. A younger one is moved at the end: who waits for the waves must see one. */
  older: boolean;
  /** It is to run the new image. */
  onNew: boolean;
  /** It is not unhealthy now, as the fleet reports it, and was not restarted for that since it was moved. */
  well: boolean;
  /** It fell ill a moment ago: that may pass. */
  passing: boolean;
  /** What the fleet says of it. */
  reason: string | null;
  /** What this rollout has done with it; undefined where nothing. */
  move: Move | undefined;
}

export interface Move {
  wave: number;
  /** It ran and was not unhealthy when it was moved. */
  wasWell: boolean;
  /** It was asked to go back to the image before. */
  restored: boolean;
  /** How far the newest of the two requests has come. */
  state: "moving" | "settled" | "failed";
}

export interface Rollout {
  id: string;
  status: RolloutStatus;
  /** Percent, rising to 100. */
  shares: readonly number[];
  /** Index into `shares`. */
  wave: number;
  /** When the last box of the wave was through (ms). */
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
  /** When the cluster's agent was last heard of (ms). */
  agentSeenAt: number | undefined;
  now: number;
}

export type Decision =
  /** Nothing to do yet; `why` in words. */
  | { kind: "wait"; why: string }
  /** Ask these boxes for the new image. */
  | { kind: "move"; boxIds: string[] }
  /** The wave's boxes are through: its soak time begins. */
  | { kind: "soak" }
  | { kind: "next_wave" }
  /** All waves are over: the new image is the cluster's. */
  | { kind: "finish" }
  | { kind: "roll_back"; reason: string }
  /** Ask these boxes for the image they had. */
  | { kind: "restore"; boxIds: string[] }
  | { kind: "end"; status: "succeeded" | "rolled_back" };

/** The boxes of whose health the new image is judged: they ran well before, and have been through their move. */
export const judged = (boxes: readonly BoxState[]): BoxState[] =>
  boxes.filter(({ onNew, runs, move }) => onNew && runs && move?.wasWell && move.state === "settled");

/** The running boxes that are still on the image before, against which the others are compared. */
export const untouched = (boxes: readonly BoxState[]): BoxState[] => boxes.filter((box) => !box.onNew && box.runs);

export const failedMoves = (boxes: readonly BoxState[]): BoxState[] =>
  boxes.filter(({ onNew, move }) => onNew && move?.wasWell && move.state === "failed");

/** 0 to 100. */
export const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

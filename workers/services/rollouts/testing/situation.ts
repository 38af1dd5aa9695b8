import type { BoxState, Move, Rollout, Situation } from "../plan.ts";

/** A box that runs well on the image before, with what a test cares about replaced. */
export const someBox = (id: string, more: Partial<BoxState> = {}): BoxState => ({
  id,
  first: false,
  runs: true,
  movable: true,
  older: true,
  onNew: false,
  well: true,
  passing: false,
  reason: null,
  move: undefined,
  ...more,
});

export const someMove = (more: Partial<Move> = {}): Move => ({
  wave: 0,
  wasWell: true,
  restored: false,
  state: "settled",
  ...more,
});

export const someRollout = (more: Partial<Rollout> = {}): Rollout => ({
  id: "8f14e45f-ceea-467f-a0e5-3f2b1f5f6a01",
  status: "running",
  shares: [5, 25, 50, 100],
  wave: 0,
  waveDoneAt: undefined,
  soakMs: 600_000,
  maxConcurrent: 10,
  maxFailed: 0,
  maxUnhealthyPercent: 5,
  boxesBefore: 40,
  unwellBefore: 0,
  ...more,
});

export const NOW = 1_800_000_000_000;

export const situationOf = (boxes: BoxState[], rollout: Partial<Rollout> = {}): Situation => ({
  rollout: someRollout({ boxesBefore: boxes.length, ...rollout }),
  boxes,
  agentSeenAt: NOW,
  now: NOW,
});

/** `b00`, `b01`, … */
export const boxesOf = (count: number, more: (i: number) => Partial<BoxState> = () => ({})): BoxState[] =>
  Array.from({ length: count }, (_, i) => someBox(`b${String(i).padStart(2, "0")}`, more(i)));

/** From the rounds' samples to the figures that are shown. */
import { median, percentile } from "../percentile.ts";
import type { CandidateName } from "./candidate.ts";
import type { LoadResult } from "./load-tool.ts";
import type { TreeUse } from "./process-tree.ts";

/** One candidate's turn of a stage. */
export interface Turn {
  rps: number;
  p50: number;
  p99: number;
  /** Time to the first byte of the answer's body. */
  firstByteP50: number;
  firstByteP99: number;
  /** Processor time of its processes per request. */
  cpuMs: number;
  rssMb: number;
  failed: number;
  /** Reads with body per answer. */
  reads: number;
}

/** The medians of its turns; times in ms. */
export type Figures = Turn;

export function turnOf(load: LoadResult, before: TreeUse, after: TreeUse): Turn {
  const { answered } = load;
  return {
    rps: (answered / load.elapsedMs) * 1_000,
    p50: percentile(load.totalMs, 0.5),
    p99: percentile(load.totalMs, 0.99),
    firstByteP50: percentile(load.firstByteMs, 0.5),
    firstByteP99: percentile(load.firstByteMs, 0.99),
    cpuMs: (after.cpuMs - before.cpuMs) / answered,
    rssMb: after.rssMb,
    failed: load.failed,
    reads: load.reads / answered,
  };
}

/** Medians of the rounds, but all that failed; undefined without a turn that was answered. */
export function figuresOf(turns: readonly Turn[]): Figures | undefined {
  const good = turns.filter((turn) => turn.rps > 0);
  if (good.length === 0) return undefined;
  const mid = (field: keyof Turn): number => round(median(good.map((turn) => turn[field])));
  return {
    rps: mid("rps"),
    p50: mid("p50"),
    p99: mid("p99"),
    firstByteP50: mid("firstByteP50"),
    firstByteP99: mid("firstByteP99"),
    cpuMs: mid("cpuMs"),
    rssMb: Math.max(...good.map((turn) => turn.rssMb)),
    failed: turns.reduce((sum, turn) => sum + turn.failed, 0),
    reads: mid("reads"),
  };
}

export type StageName = "json_1" | "json_32" | "stream_1" | "stream_32" | "stream_128";
export type Raw = Record<StageName, Partial<Record<CandidateName, Figures>>>;

/** The figures that are held against the targets; null where a candidate was not there. */
export interface Summary {
  ttfb_added_p50_ms: number | null;
  ttfb_added_p99_ms: number | null;
  rps_over_bare: number | null;
  rps_over_portkey: number | null;
  rps_over_litellm: number | null;
  rps_over_tensorzero: number | null;
}

/** First byte: of streams at one connection, over the bare Worker's. Requests/s: JSON at 32 connections. */
export function summarize(raw: Partial<Raw>): Summary {
  const { ours, bare } = raw.stream_1 ?? {};
  const over = (name: CandidateName): number | null => {
    const json = raw.json_32 ?? {};
    return json.ours && json[name] ? round(json.ours.rps / json[name].rps) : null;
  };
  return {
    ttfb_added_p50_ms: ours && bare ? round(ours.firstByteP50 - bare.firstByteP50) : null,
    ttfb_added_p99_ms: ours && bare ? round(ours.firstByteP99 - bare.firstByteP99) : null,
    rps_over_bare: over("bare"),
    rps_over_portkey: over("portkey"),
    rps_over_litellm: over("litellm"),
    rps_over_tensorzero: over("tensorzero"),
  };
}

interface Goal {
  figure: keyof Summary;
  words: string;
  isMet(value: number): boolean;
}

const TARGETS: readonly Goal[] = [
  { figure: "ttfb_added_p50_ms", words: "at most 1.5", isMet: (value) => value <= 1.5 },
  { figure: "ttfb_added_p99_ms", words: "at most 5", isMet: (value) => value <= 5 },
  { figure: "rps_over_bare", words: "at least 0.5", isMet: (value) => value >= 0.5 },
  { figure: "rps_over_portkey", words: "above 1", isMet: (value) => value > 1 },
  { figure: "rps_over_litellm", words: "at least 10", isMet: (value) => value >= 10 },
];

/** One line per target. */
export function verdicts(summary: Summary): string[] {
  return TARGETS.map(({ figure, words, isMet }) => {
    const value = summary[figure];
    const verdict = value === null ? "not measured" : isMet(value) ? "met" : "MISSED";
    return `${verdict.padEnd(13)}${figure} = ${value ?? "-"}, wanted ${words}`;
  });
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Keeps the record of providers' outages, with few writes: an isolate remembers what it has written last. */
import { type ModelFailure, passesByItself } from "#schema/domain/reasons/model.ts";
import type { Ctx } from "../context.ts";
import { CALM_MS, recordAnswer, recordFailure } from "../services/models/outages.ts";

/** The same failure again is written this rarely. */
const SAME_MS = 15_000;
/** So is an answer where this isolate knows of no outage: another one may have begun one and be gone. */
const WELL_MS = 5 * 60_000;

/** `failure` undefined: an answer. */
export interface Written {
  failure: ModelFailure | undefined;
  at: number;
}

/** Pure: whether this news of a provider is to be written after what was written last. */
export function isNews(last: Written | undefined, failure: ModelFailure | undefined, now: number): boolean {
  if (!last) return true;
  const since = now - last.at;
  if (failure) return failure !== last.failure || since >= SAME_MS;
  if (!last.failure) return since >= WELL_MS;
  return !passesByItself(last.failure) || since >= CALM_MS;
}

const written = new WeakMap<object, Written>();

/** What a provider did with a request. The request does not wait for the writing. */
export function noteProvider(ctx: Ctx, provider: { id: string }, failure: ModelFailure | undefined): void {
  const now = ctx.now().getTime();
  if (!isNews(written.get(provider), failure, now)) return;
  written.set(provider, { failure, at: now });
  const writing = failure ? recordFailure(ctx, provider.id, failure) : recordAnswer(ctx, provider.id);
  ctx.defer(writing.catch(() => void written.delete(provider)));
}

/** The checker: which promises a history breaks, as text. An empty list proves only this history. */
import type { FinalJob, History, Seen } from "./history.ts";

export const RULES: Readonly<Record<string, (history: History) => string[]>> = {
  "no job is lost": lost,
  "no success without its effect": hollow,
  "no job is done twice": doubled,
  "one holder of a box at a time": overlapping,
  "a box's fences and generations only rise": falling,
  "a box's jobs are begun in order": disordered,
  "a destroyed box stays destroyed": resurrected,
  "a box ends as it was wanted last": unlike,
};

/** Every violation, with the rule it breaks. */
export function checkHistory(history: History): string[] {
  return Object.entries(RULES).flatMap(([rule, check]) => check(history).map((found) => `${rule}: ${found}`));
}

const OPEN: ReadonlySet<string> = new Set(["queued", "running"]);

function lost({ accepted, jobs }: History): string[] {
  const known = new Set(jobs.map(({ id }) => id));
  const vanished = accepted.filter((id) => !known.has(id)).map((id) => `job ${id} was accepted and is not there`);
  const open = jobs.filter(({ status }) => OPEN.has(status)).map(({ id, status }) => `job ${id} is still ${status}`);
  return [...vanished, ...open];
}

/** A job that succeeded has made its box what it was made for, or something newer; so has one that a newer one covers. */
function hollow({ jobs, deeds }: History): string[] {
  const reached = new Map<string, number>();
  const fences = new Map<string, number>();
  for (const deed of deeds) {
    if (deed.kind !== "ended") continue;
    fences.set(`${deed.box} ${deed.fence}`, deed.generation);
    reached.set(deed.box, Math.max(reached.get(deed.box) ?? 0, deed.generation));
  }
  return jobs.flatMap((job) => {
    const made = job.status === "succeeded" ? fences.get(`${job.box} ${job.fence}`) : reached.get(job.box);
    const covered = (made ?? 0) >= job.generation;
    const counts = job.status === "succeeded" || job.status === "superseded";
    return counts && !covered ? [`job ${job.id} is ${job.status}, its box was never brought to ${job.generation}`] : [];
  });
}

/** A generation changes its box once; a job is granted under one fence an attempt, succeeds once, and then is over. */
function doubled({ deeds, grants, completions }: History): string[] {
  const changes = deeds.flatMap((deed) =>
    deed.kind === "ended" && deed.changed ? [`box ${deed.box} generation ${deed.generation}`] : [],
  );
  const attempts = grants.map(({ job, attempt }) => `job ${job} attempt ${attempt}`);
  const over = new Map(completions.map(({ job, fence }) => [job, fence]));
  const after = grants.filter(({ job, fence }) => fence > (over.get(job) ?? Number.POSITIVE_INFINITY));
  return [
    ...repeated(changes).map((what) => `${what} was applied more than once`),
    ...repeated(attempts).map((what) => `${what} was granted more than once`),
    ...repeated(completions.map(({ job }) => `job ${job}`)).map((what) => `${what} succeeded more than once`),
    ...after.map(({ job, fence }) => `job ${job} was granted again under fence ${fence} after its success`),
  ];
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return [...new Set(names.filter((name) => seen.has(name) || !seen.add(name)))];
}

/** Between `begun` and its end a holder has the box alone; whoever begins takes it, and nobody before may write then. */
function overlapping({ deeds }: History): string[] {
  const holders: Holders = new Map();
  return deeds.flatMap((deed) => (deed.kind === "killed" ? release(holders, deed.agent) : take(holders, deed)));
}

type Holders = Map<string, { agent: string; fence: number }>;

function release(holders: Holders, killed: string): [] {
  for (const [box, { agent }] of holders) if (agent === killed) holders.delete(box);
  return [];
}

function take(holders: Holders, { kind, box, agent, fence }: Exclude<Seen, { kind: "killed" }>): string[] {
  const holder = holders.get(box);
  if (kind === "begun") {
    holders.set(box, { agent, fence });
    return holder ? [`box ${box}: fence ${fence} began while ${holder.fence} worked`] : [];
  }
  const own = holder?.fence === fence && holder.agent === agent;
  if (own && kind !== "wrote") holders.delete(box);
  return own || kind === "left" ? [] : [`box ${box}: fence ${fence} ${kind} without holding it`];
}

function falling({ deeds }: History): string[] {
  const last = new Map<string, { fence: number; generation: number }>();
  return begun(deeds).flatMap(({ box, fence, generation }) => {
    const before = last.get(box);
    last.set(box, { fence, generation });
    if (!before || (fence > before.fence && generation >= before.generation)) return [];
    return [`box ${box} went from fence ${before.fence}, generation ${before.generation} to ${fence}, ${generation}`];
  });
}

/** Fences are given in the order of grants, so the last fences of a box's jobs rise as its jobs do. */
function disordered({ jobs }: History): string[] {
  const granted = jobs.filter((job): job is FinalJob & { fence: number } => job.fence !== null);
  return [...Map.groupBy(granted, ({ box }) => box)].flatMap(([box, own]) => {
    const sorted = own.toSorted((a, b) => a.seq - b.seq);
    const wrong = sorted.filter((job, i) => job.fence <= (sorted[i - 1]?.fence ?? -1));
    return wrong.map(({ id, fence }) => `box ${box}: job ${id} ran under fence ${fence}, before an older one`);
  });
}

function resurrected({ deeds }: History): string[] {
  const gone = new Set<string>();
  return deeds.flatMap((deed) => {
    if (deed.kind === "ended" && deed.status === "destroyed") gone.add(deed.box);
    const again = deed.kind === "begun" && deed.status !== "destroyed" && gone.has(deed.box);
    return again ? [`box ${deed.box} was made ${deed.status} again under fence ${deed.fence}`] : [];
  });
}

function unlike({ boxes, jobs, deeds }: History): string[] {
  const dead = new Set(jobs.filter(({ status }) => status === "dead" || status === "cancelled").map(({ box }) => box));
  const made = new Map(deeds.flatMap((deed) => (deed.kind === "ended" ? [[deed.box, deed] as const] : [])));
  return boxes.flatMap(({ id, status, desired, generation, observed }) => {
    // A dead job was reported and needs an operator.
    if (dead.has(id)) return [];
    const is = made.get(id);
    const right =
      status === desired && observed === generation && is?.generation === generation && is.status === desired;
    return right ? [] : [`box ${id} is ${status} at ${observed}, wanted ${desired} at ${generation}`];
  });
}

const begun = (deeds: readonly Seen[]) => deeds.filter((deed) => deed.kind === "begun");

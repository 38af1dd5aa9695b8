import { type FakeCall, type FakeEdge, grantBox, startFakeEdge } from "#fleet-agent/testing/fake-edge.ts";
import { DriftReport, ListedBox, type ListedBoxes } from "#schema/contracts/comparison.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { until } from "#tests/harness/until.ts";
import { listed, newBox } from "./boxes.ts";

/**
 * An edge that has nothing to do but to hand out jobs. The real one would run on the same cores as the cluster, with an
 * embedded database, and be what is measured; the agent can't tell the two apart, its whole way of a job is its own:
 * socket, grant, fetch of the box, heartbeats, steps, completion.
 */
export interface JobFeed {
  edge: FakeEdge;
  /** Boxes that are in the cluster already, as they should be. */
  know(boxes: readonly DesiredBox[]): void;
  /** Boxes that are as they should be. */
  done: number;
  /** Attempts that failed, in the agent's words. They are made again, as the edge would. */
  failures: string[];
  /** Grants provisions until this many boxes are done; `lanes` jobs at a time. */
  provisionUpTo(boxes: number, lanes: number): Promise<void>;
  /** Asks for a full comparison; its figures, or undefined where the agent makes none within `timeoutMs`. */
  compare(timeoutMs: number): Promise<ComparisonFigures | undefined>;
  close(): Promise<void>;
}

export interface ComparisonFigures {
  boxes: number;
  missing: number;
  differing: number;
  seconds: number;
}

const PAGE = 1_000;

/** Nothing is made for what is found to differ: it is counted. */
const verdicts = (body: Record<string, unknown>): object[] =>
  DriftReport.parse(body).boxes.map(({ box_id }) => ({ box_id, verdict: "stale" }));

export async function startJobFeed(): Promise<JobFeed> {
  const edge = await startFakeEdge();
  const boxes: DesiredBox[] = [];
  const busy = new Set<string>();
  let onCompleted: (again?: DesiredBox) => void = () => undefined;
  let compareAskedAt: number | null = null;

  edge.answer = (call) => {
    if (call.path.endsWith("/complete")) {
      // Not while the answer is still to be sent: the agent knows of one job of a box at a time.
      setImmediate(take, call);
      return undefined;
    }
    if (call.path === "/fleet/health") return { status: 200, body: { compare_asked_at: compareAskedAt } };
    if (call.path === "/fleet/boxes") return { status: 200, body: page(call.query.get("cursor")) };
    if (call.path === "/fleet/drift") return { status: 200, body: { boxes: verdicts(call.body) } };
    if (call.path === "/fleet/comparison") return { status: 200, body: { removing: 0, held_back: 0, unknown: 0 } };
    return undefined;
  };

  const take = ({ path, body }: FakeCall) => {
    const job = path.split("/")[3] ?? "";
    const box = edge.boxes.get(job);
    edge.boxes.delete(job);
    if (box && body.outcome === "succeeded") {
      feed.done += 1;
      busy.delete(box.box_id);
    } else feed.failures.push(JSON.stringify(body.failure));
    onCompleted(body.outcome === "succeeded" ? undefined : box);
  };

  const page = (cursor: string | null): ListedBoxes => {
    const from = cursor ? boxes.findIndex((box) => box.box_id === cursor) + 1 : 0;
    const some = boxes.slice(from, from + PAGE);
    const next_cursor = from + PAGE < boxes.length ? (some.at(-1)?.box_id ?? null) : null;
    const list = some.map((box) => ({ ...listed(box), busy: busy.has(box.box_id) }));
    return { boxes: list.map((box) => ListedBox.parse(box)), next_cursor, total: boxes.length };
  };

  const feed: JobFeed = {
    edge,
    done: 0,
    failures: [],
    know: (more) => {
      boxes.push(...more);
      feed.done += more.length;
    },
    async provisionUpTo(count, lanes) {
      const over = Promise.withResolvers<void>();
      const grant = (box: DesiredBox) => edge.send({ type: "grant", grant: grantBox(edge, box) });
      const grantNext = () => {
        if (boxes.length >= count) return;
        const box = newBox();
        boxes.push(box);
        busy.add(box.box_id);
        grant(box);
      };
      onCompleted = (again) => {
        if (feed.failures.length > boxes.length / 20 + 5) over.reject(new Error(`too much fails: ${feed.failures[0]}`));
        else if (feed.done >= count) over.resolve();
        else if (again) grant(Object.assign(again, { fence: again.fence + 1 }));
        else grantNext();
      };
      for (let lane = 0; lane < lanes; lane++) grantNext();
      await over.promise;
      edge.calls.length = 0;
    },
    async compare(timeoutMs) {
      const before = edge.callsOf("/fleet/comparison").length;
      compareAskedAt = Date.now();
      const report = () => edge.callsOf("/fleet/comparison")[before];
      const found = await until("a comparison", report, timeoutMs).catch(() => undefined);
      return found?.body.figures as ComparisonFigures | undefined;
    },
    close: () => edge.close(),
  };
  return feed;
}

import { namespaceOf } from "#schema/domain/ids.ts";
import { toReasonCode } from "#schema/domain/reasons/catalogue.ts";
import type { BoxHealth } from "../driver.ts";
import { askSupervisor } from "./ask-supervisor.ts";
import type { KubeClient } from "./kube-client.ts";
import type { SeenPod } from "./seen-pod.ts";

/** The cause may change while a pod stays unready. */
const ASK_AGAIN_MS = 10_000;
/** More boxes than this have a common cause, which these tell. */
const AT_ONCE = 20;

type Words = Partial<Pick<BoxHealth, "code" | "reason">>;

/**
 * Adds what supervisors say to boxes that run and aren't ready, of which the pods' conditions know no more than that.
 * An answer is kept for ten seconds.
 */
export function createToldReasons(client: KubeClient, signal: AbortSignal, now: () => number = Date.now) {
  const told = new Map<string, { at: number; words: Words }>();

  const ask = async ({ boxId = "", name }: SeenPod) => {
    const readiness = await askSupervisor(client, { namespace: namespaceOf(boxId), name }, signal);
    const code = toReasonCode(readiness?.code ?? null);
    const reason = readiness?.reason?.slice(0, 500);
    told.set(boxId, { at: now(), words: { ...(reason && { reason }), ...(code !== "unknown" && { code }) } });
  };

  return async (boxes: readonly BoxHealth[], pods: Iterable<SeenPod>): Promise<BoxHealth[]> => {
    const unready = new Set(boxes.filter(({ code }) => code === "not_ready").map(({ box_id }) => box_id));
    for (const id of told.keys()) if (!unready.has(id)) told.delete(id);
    const due = [...unready].filter((id) => now() - (told.get(id)?.at ?? 0) >= ASK_AGAIN_MS).slice(0, AT_ONCE);
    if (due.length > 0) {
      const ids = new Set(due);
      const asked = [...pods].filter(({ boxId, ending }) => !ending && boxId !== undefined && ids.has(boxId));
      await Promise.all(asked.map(ask));
    }
    return boxes.map((box) => ({ ...box, ...told.get(box.box_id)?.words }));
  };
}

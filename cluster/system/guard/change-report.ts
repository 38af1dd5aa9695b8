import type { BoxConfig } from "#schema/contracts/box-config.ts";
import { CHANGES_PATH, type ChangesUndone } from "#schema/contracts/changes-undone.ts";
import { callEdge } from "../call-edge.ts";
import { sleep } from "../retry.ts";

/** At most one report in this time: a process that fights us must not flood the edge. */
const PAUSE_MS = 10_000;
const CALL = { timeoutMs: 5_000, retries: { attempts: 4, floorMs: 500, capMs: 8_000 } };

/** Tells the edge which files were changed from inside and put right, the first at once, later ones together. */
export function createChangeReport(
  proxy: () => BoxConfig["proxy"] | undefined,
  /** The edge may be away for longer; the log has each of them. */
  onFailed: (error: Error) => void,
) {
  const files = new Set<string>();
  const closing = new AbortController();
  let sending: Promise<void> | undefined;

  const send = async () => {
    const to = proxy();
    if (!to) return;
    const edge = { ...CALL, url: new URL(to.base_url).origin, authorize: () => to.token };
    const json: ChangesUndone = { files: [...files] };
    files.clear();
    await callEdge(edge, { path: CHANGES_PATH, json }).catch(onFailed);
  };
  const sendAll = async () => {
    for (; files.size > 0 && !closing.signal.aborted; await sleep(PAUSE_MS, closing.signal).catch(() => undefined))
      await send();
    sending = undefined;
  };

  return {
    add(file: string): void {
      files.add(file);
      sending ??= sendAll();
    },
    /** Resolves when what is on its way has arrived, or is given up. */
    async close(): Promise<void> {
      closing.abort();
      await sending;
    },
  };
}

import { setTimeout as delay } from "node:timers/promises";
import { PART_BYTES, SEAL_BYTES, type StateOrder, type TransferResult } from "#schema/contracts/state-transfer.ts";
import { sha256 } from "./sealed-part.ts";
import { StateError } from "./state-error.ts";

/** The edge's `/fleet/transfers/:order_id/*`. All throw StateError. */
export interface EdgeTransfer {
  putPart(index: number, sealed: Buffer): Promise<void>;
  getPart(index: number): Promise<Buffer>;
  report(result: TransferResult): Promise<void>;
}

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 500;
/** For one part, which an edge far away takes in a few seconds. */
const CALL_MS = 60_000;

interface Call {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer> | string;
}

/** @param signal ends every call, and every wait for another attempt. */
export function connectEdge({ url, token }: Pick<StateOrder, "url" | "token">, signal: AbortSignal): EdgeTransfer {
  const once = async ({ path, headers, ...init }: Call): Promise<Buffer> => {
    const response = await fetch(`${url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...headers },
      // The token is for the edge alone.
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]),
    });
    if (response.ok) return bounded(response);
    await response.body?.cancel();
    throw new StateError(`The edge answered ${response.status} to the box's transfer`, mayPass(response.status));
  };
  const call = async (request: Call): Promise<Buffer> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(request);
      } catch (error) {
        signal.throwIfAborted();
        const known = error instanceof StateError ? error : new StateError("The edge can't be reached", true, error);
        if (!known.retryable || attempt === ATTEMPTS) throw known;
        await delay(FIRST_WAIT_MS * 2 ** (attempt - 1), undefined, { signal });
      }
    }
  };
  return {
    async putPart(index, body) {
      const headers = { "content-type": "application/octet-stream", "x-part-sha256": sha256(body) };
      await call({ method: "PUT", path: `/parts/${index}`, headers, body: new Uint8Array(body) });
    },
    getPart: (index) => call({ method: "GET", path: `/parts/${index}` }),
    async report(result) {
      const headers = { "content-type": "application/json" };
      await call({ method: "POST", path: "/result", headers, body: JSON.stringify(result) });
    },
  };
}

const mayPass = (status: number): boolean => status >= 500 || status === 429 || status === 408;

/** No answer is larger than a part: one that is would only fill the pod's memory. */
async function bounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > PART_BYTES + SEAL_BYTES) throw new StateError("The edge sent more than a part", false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

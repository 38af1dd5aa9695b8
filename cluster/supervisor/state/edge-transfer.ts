import { callEdge, type EdgeCall, EdgeError, TooLarge } from "#cluster/system/call-edge.ts";
import { PART_BYTES, SEAL_BYTES, type StateOrder, type TransferResult } from "#schema/contracts/state-transfer.ts";
import { sha256 } from "./sealed-part.ts";
import { StateError } from "./state-error.ts";

/** The edge's `/fleet/transfers/:order_id/*`. All throw StateError. */
export interface EdgeTransfer {
  putPart(index: number, sealed: Buffer): Promise<void>;
  getPart(index: number): Promise<Buffer>;
  report(result: TransferResult): Promise<void>;
}

/** The timeout of one part, which takes a few seconds even to a distant edge. */
const CALL_MS = 60_000;
const RETRIES = { attempts: 6, floorMs: 500, capMs: 16_000 };

/** @param signal ends every call, and every wait for another attempt. */
export function connectEdge({ url, token }: Pick<StateOrder, "url" | "token">, signal: AbortSignal): EdgeTransfer {
  const edge = { url, authorize: () => token, timeoutMs: CALL_MS, retries: RETRIES, signal };
  const call = (request: EdgeCall): Promise<Buffer> =>
    callEdge(edge, { ...request, mostBytes: PART_BYTES + SEAL_BYTES }).catch((error) => {
      signal.throwIfAborted();
      throw inWords(error);
    });
  return {
    async putPart(index, body) {
      const headers = { "content-type": "application/octet-stream", "x-part-sha256": sha256(body) };
      await call({ method: "PUT", path: `/parts/${index}`, headers, body: new Uint8Array(body) });
    },
    getPart: (index) => call({ path: `/parts/${index}` }),
    async report(result) {
      await call({ path: "/result", json: result });
    },
  };
}

function inWords(error: unknown): StateError {
  if (error instanceof TooLarge) return new StateError("The edge sent more than one part", "backup_unusable", error);
  if (!(error instanceof EdgeError)) return new StateError("The edge can't be reached", "backup", error);
  return new StateError(
    `The edge answered ${error.status} to the box's transfer`,
    error.mayPass ? "backup" : "backup_unusable",
    error,
  );
}

import { createServer } from "node:http";
import type { TransferResult } from "#schema/contracts/state-transfer.ts";
import { listen } from "../../listen.ts";
import { sha256 } from "../sealed-part.ts";

/** The edge's transfer routes with a drawer in place of the object storage. */
export interface FakeEdge {
  url: string;
  parts: Map<number, Buffer>;
  results: TransferResult[];
  /** Answers of this status, before the real ones. */
  failNext: number[];
  /** Parts are taken and never answered for. */
  silent: boolean;
  close(): void;
}

export const TOKEN = "transfer-secret";

export async function startFakeEdge(): Promise<FakeEdge> {
  const edge: FakeEdge = { url: "", parts: new Map(), results: [], failNext: [], silent: false, close: () => {} };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (edge.silent && request.url !== "/result") return;
    const body = Buffer.concat(chunks);
    const failing = edge.failNext.shift();
    const answer = (status: number, content: Buffer | string = "") => response.writeHead(status).end(content);
    if (failing) return answer(failing);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return answer(401);
    const index = Number(/^\/parts\/(\d+)$/.exec(request.url ?? "")?.[1] ?? Number.NaN);
    if (request.method === "POST" && request.url === "/result") {
      edge.results.push(JSON.parse(body.toString()));
      return answer(204);
    }
    if (request.method === "PUT") {
      if (request.headers["x-part-sha256"] !== sha256(body)) return answer(400);
      edge.parts.set(index, body);
      return answer(204);
    }
    const part = edge.parts.get(index);
    return part ? answer(200, part) : answer(404);
  });
  const listening = await listen(server, 0, "127.0.0.1");
  edge.url = `http://127.0.0.1:${listening.port}`;
  edge.close = () => {
    server.closeAllConnections();
    listening.close();
  };
  return edge;
}

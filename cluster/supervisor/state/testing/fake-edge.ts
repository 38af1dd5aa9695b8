import { createServer, type IncomingMessage } from "node:http";
import { listen } from "#cluster/system/listen.ts";
import type { TransferResult } from "#schema/contracts/state-transfer.ts";
import { sha256 } from "../sealed-part.ts";

/** The edge's transfer routes with a drawer in place of the object storage. */
export interface FakeEdge {
  url: string;
  parts: Map<number, Buffer>;
  results: TransferResult[];
  /** Answers of this status in place of the real ones. */
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
    const allowed = request.headers.authorization === `Bearer ${TOKEN}`;
    const { status, content } = allowed ? answer(edge, request, Buffer.concat(chunks)) : { status: 401, content: "" };
    const failing = edge.failNext.shift();
    response.writeHead(failing ?? status).end(failing ? "" : content);
  });
  const listening = await listen(server, 0, "127.0.0.1");
  edge.url = listening.url;
  edge.close = listening.close;
  return edge;
}

function answer(edge: FakeEdge, { method, url = "", headers }: IncomingMessage, body: Buffer) {
  const none = (status: number) => ({ status, content: "" });
  if (method === "POST" && url === "/result") {
    edge.results.push(JSON.parse(body.toString()));
    return none(204);
  }
  const index = Number(/^\/parts\/(\d+)$/.exec(url)?.[1] ?? Number.NaN);
  if (method !== "PUT") {
    const part = edge.parts.get(index);
    return part ? { status: 200, content: part } : none(404);
  }
  if (headers["x-part-sha256"] !== sha256(body)) return none(400);
  edge.parts.set(index, body);
  return none(204);
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { exportJWK, generateKeyPair, jwtVerify } from "jose";
import { type WebSocket, WebSocketServer } from "ws";
import { listen } from "#cluster/system/listen.ts";
import type { DesiredBox, Grant, MailboxMessage } from "#schema/contracts/fleet.ts";
import { createSigner, type Signer } from "../agent/edge/assertion.ts";
import { AgentKey } from "../config/config.ts";

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface FakeCall {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

/** The edge's `/fleet/*` on loopback, as far as an agent sees it. Every assertion is verified, each `jti` taken once. */
export interface FakeEdge {
  url: string;
  sign: Signer;
  /** The agent's private key; the cluster is `c1`. */
  key: AgentKey;
  calls: FakeCall[];
  /** Calls whose path ends so. */
  callsOf(suffix: string): FakeCall[];
  /** Answers before the fake's own; undefined lets the call through. */
  answer: (call: FakeCall) => Answer | undefined | Promise<Answer | undefined>;
  boxes: Map<string, DesiredBox>;
  /** Refuse the WebSocket upgrade. */
  refuseSockets: boolean;
  /** Don't answer pings. */
  deaf: boolean;
  sockets: WebSocket[];
  /** What agents sent over sockets. */
  heard: string[];
  send(message: MailboxMessage): void;
  close(): Promise<void>;
}

export async function startFakeEdge(): Promise<FakeEdge> {
  const server = createServer((request, response) => void serve(request, response));
  const socketServer = new WebSocketServer({ noServer: true });
  const { url, close } = await listen(server, 0, "127.0.0.1");
  const { key, sign, verify } = await createIdentity(url);

  const edge: FakeEdge = {
    url,
    sign,
    key,
    calls: [],
    callsOf: (suffix) => edge.calls.filter(({ path }) => path.endsWith(suffix)),
    answer: () => undefined,
    boxes: new Map(),
    refuseSockets: false,
    deaf: false,
    sockets: [],
    heard: [],
    send: (message) => edge.sockets.at(-1)?.send(JSON.stringify(message)),
    close: async () => {
      for (const socket of edge.sockets) socket.terminate();
      await close();
    },
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await readCall(request);
    const { status, body, headers } = !(await verify(request))
      ? { status: 401, body: { code: "unauthorized" }, headers: {} }
      : await (async () => {
          edge.calls.push(call);
          return (await edge.answer(call)) ?? ownAnswer(edge, call);
        })();
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(status < 400 ? JSON.stringify(body ?? {}) : JSON.stringify(problemOf(status, body)));
  };

  server.on("upgrade", async (request, socket, head) => {
    if (edge.refuseSockets || !(await verify(request))) {
      socket.end("HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    socketServer.handleUpgrade(request, socket, head, (accepted) => {
      edge.sockets.push(accepted);
      accepted.on("message", (data) => {
        const text = String(data);
        if (text !== "ping") edge.heard.push(text);
        else if (!edge.deaf) accepted.send("pong");
      });
    });
  });
  return edge;
}

/** RFC 9457, whose `code` and `detail` are a test's to say. */
const problemOf = (status: number, body: unknown) => ({
  type: "urn:problem",
  title: "a problem",
  status,
  code: "internal",
  detail: "",
  request_id: "r-1",
  ...(body as object),
});

async function createIdentity(edgeUrl: string) {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const key = AgentKey.parse({ ...(await exportJWK(privateKey)), kid: "k1" });
  const seen = new Set<unknown>();
  const verify = async (request: IncomingMessage): Promise<boolean> => {
    try {
      const token = (request.headers.authorization ?? "").replace("Bearer ", "");
      const expected = { issuer: "c1", audience: edgeUrl, algorithms: ["EdDSA"], maxTokenAge: "60s" };
      const { payload, protectedHeader } = await jwtVerify(token, publicKey, expected);
      if (protectedHeader.kid !== "k1" || seen.has(payload.jti)) return false;
      seen.add(payload.jti);
      return true;
    } catch {
      return false;
    }
  };
  return { key, sign: createSigner({ key, clusterId: "c1", edgeUrl }), verify };
}

function ownAnswer(edge: FakeEdge, { path }: FakeCall): Answer {
  const job = path.split("/")[3] ?? "";
  if (path.endsWith("/box")) {
    const box = edge.boxes.get(job);
    return box ? { status: 200, body: box } : { status: 404, body: { code: "not_found" } };
  }
  if (path.endsWith("/heartbeat")) return { status: 200, body: { lease_until: Date.now() + 60_000 } };
  if (path === "/fleet/health") return { status: 200, body: { compare_asked_at: null } };
  if (path === "/fleet/poll") return { status: 200, body: { messages: [] } };
  return { status: 204 };
}

async function readCall(request: IncomingMessage): Promise<FakeCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url ?? "/", "http://edge");
  const text = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    body: text ? JSON.parse(text) : {},
  };
}

/** A grant and the box it is for, known to the edge. */
export function grantBox(edge: FakeEdge, box: DesiredBox, more: Partial<Grant> = {}): Grant {
  const job_id = more.job_id ?? crypto.randomUUID();
  edge.boxes.set(job_id, box);
  const lease_until = Date.now() + 60_000;
  return { type: "provision", attempt: 1, fence: box.fence, box_id: box.box_id, lease_until, ...more, job_id };
}

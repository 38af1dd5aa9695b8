/** A server between an agent and what it calls, where every call can be seen, held up, broken or followed by a crash. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { listen } from "#cluster/system/listen.ts";

export interface Call {
  method: string;
  /** With the query. */
  path: string;
  headers: IncomingMessage["headers"];
  /** ms since the epoch. */
  at: number;
  /** What the answer said; undefined while there is none, and where the call was broken. */
  status?: number;
}

/**
 * What becomes of a call. `reset`: the connection is cut before it is passed on; `cut`: it is passed on and half of
 * the answer comes back; `hang`: nothing comes back, ever. A status is answered here and not passed on.
 */
export type Fate =
  | "pass"
  | "reset"
  | "cut"
  | "hang"
  | { status: number; headers?: Record<string, string>; body?: unknown };

export interface FaultProxy {
  url: string;
  calls: Call[];
  /** Decides what becomes of a call; may take its time. */
  before(call: Call): Fate | Promise<Fate>;
  /** The server has handled the request, and the agent doesn't know yet. `reset`: nor will it. */
  after(call: Call): "pass" | "reset" | Promise<"pass" | "reset">;
  close(): Promise<void>;
}

export interface Target {
  /** Without a path. */
  url: string;
  /** Of an https server with an own authority, PEM. */
  ca?: string;
}

/** @param target called for every request, so it may become known later */
export async function startFaultProxy(target: () => Target): Promise<FaultProxy> {
  const sockets = new Set<Duplex>();
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  server.on("connection", (socket) => keep(sockets, socket));
  server.on("upgrade", (request, socket: Duplex, head: Buffer) =>
    tunnel(new URL(target().url), request, socket, head, sockets),
  );

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const call = seenCall(request);
    proxy.calls.push(call);
    const body = await bytesOf(request);
    const fate = await proxy.before(call);
    if (fate === "hang") return;
    if (fate === "reset") return void request.socket.destroy();
    if (typeof fate === "object") return answer(call, response, fate);
    const upstream = await forward(target(), request, body);
    call.status = upstream.statusCode ?? 0;
    if (isStream(call.path)) return stream(proxy, call, upstream, response, fate);
    const whole = await bytesOf(upstream);
    if ((await proxy.after(call)) === "reset") return void request.socket.destroy();
    response.writeHead(call.status, wholeHeaders(upstream, whole));
    if (fate === "pass") response.end(whole);
    else response.write(whole.subarray(0, whole.length / 2), () => request.socket.destroy());
  };

  const listening = await listen(server, 0, "127.0.0.1");
  const proxy: FaultProxy = {
    url: listening.url,
    calls: [],
    before: () => "pass",
    after: () => "pass",
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await listening.close();
    },
  };
  return proxy;
}

/** Its headers are not enumerable: they hold a token, and a comparison that fails prints what it can enumerate. */
function seenCall({ method = "", url: path = "", headers }: IncomingMessage): Call {
  const call = { method, path, at: Date.now() };
  return Object.defineProperty(call, "headers", { value: headers }) as Call;
}

function keep(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
}

const isStream = (path: string): boolean => new URLSearchParams(path.split("?")[1]).get("watch") === "1";

/** A watch goes through as it comes, for as long as both sides want; one that is cut ends within its first event. */
async function stream(
  proxy: FaultProxy,
  call: Call,
  upstream: IncomingMessage,
  response: ServerResponse,
  fate: Fate,
): Promise<void> {
  response.on("close", () => upstream.destroy());
  upstream.on("error", () => response.destroy());
  if ((await proxy.after(call)) === "reset") return void response.destroy();
  response.writeHead(call.status ?? 502, upstream.headers);
  response.flushHeaders();
  if (fate === "pass") return void upstream.pipe(response);
  upstream.once("data", (chunk: Buffer) => {
    response.write(chunk.subarray(0, chunk.length / 2), () => response.destroy());
  });
}

function answer(call: Call, response: ServerResponse, { status, headers, body }: Extract<Fate, object>): void {
  call.status = status;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(
    JSON.stringify(body ?? { kind: "Status", code: status, reason: "Fault", message: "a fault of the test" }),
  );
}

function forward({ url, ca }: Target, { method, url: path, headers }: IncomingMessage, body: Buffer) {
  const to = new URL(path ?? "/", url);
  const send = to.protocol === "https:" ? httpsRequest : httpRequest;
  const options = { method, headers: { ...headers, host: to.host }, ...(ca && { ca }) };
  return new Promise<IncomingMessage>((resolve, reject) => {
    send(to, options, resolve).on("error", reject).end(body);
  });
}

/** WebSockets pass as they are. */
function tunnel(to: URL, request: IncomingMessage, socket: Duplex, head: Buffer, sockets: Set<Duplex>): void {
  const upstream = connect(Number(to.port), to.hostname, () => {
    const lines = request.rawHeaders.flatMap((text, i, all) => (i % 2 === 0 ? [`${text}: ${all[i + 1]}`] : []));
    upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  keep(sockets, upstream);
  upstream.on("close", () => socket.destroy());
  socket.on("close", () => upstream.destroy());
}

/** The answer was gathered, so its length is known and it comes in one piece. */
function wholeHeaders({ headers, statusCode }: IncomingMessage, whole: Buffer) {
  const { "transfer-encoding": _, connection: __, ...rest } = headers;
  return statusCode === 204 ? rest : { ...rest, "content-length": whole.length };
}

async function bytesOf(from: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of from) chunks.push(chunk);
  return Buffer.concat(chunks);
}

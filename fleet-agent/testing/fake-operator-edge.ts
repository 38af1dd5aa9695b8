import { createServer } from "node:http";
import { listen } from "#cluster/system/listen.ts";

interface Answer {
  status?: number;
  body: unknown;
  headers?: Record<string, string>;
}

export interface OperatorCall {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

export interface FakeOperatorEdge {
  url: string;
  /** What a command needs to speak to it. */
  env: { EDGE_URL: string; OPERATOR_KEY: string };
  calls: OperatorCall[];
  /** By `METHOD /path`; what is not there is 404. What is thrown becomes a reset connection. */
  routes: Record<string, (call: OperatorCall) => Answer | Promise<Answer>>;
  close(): Promise<void>;
}

export const OPERATOR_KEY = "oc_ops_canary";

/** The edge's `/internal/*` on loopback, as far as a test tells it. */
export async function startFakeOperatorEdge(): Promise<FakeOperatorEdge> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://edge");
    const text = Buffer.concat(chunks).toString();
    const { method = "", headers } = request;
    const call = { method, path, query, headers, body: text ? JSON.parse(text) : undefined };
    edge.calls.push(call);
    try {
      const { status = 200, body, headers: more } = await answerOf(edge, call);
      response.writeHead(status, { "content-type": "application/json", ...more }).end(JSON.stringify(body));
    } catch {
      request.socket.destroy();
    }
  });
  const { url, close } = await listen(server, 0, "127.0.0.1");
  const edge: FakeOperatorEdge = {
    url,
    env: { EDGE_URL: url, OPERATOR_KEY },
    calls: [],
    routes: {},
    close,
  };
  return edge;
}

async function answerOf(edge: FakeOperatorEdge, call: OperatorCall): Promise<Answer> {
  const route = edge.routes[`${call.method} ${call.path}`];
  if (route) return route(call);
  return problem(404, "not_found", "Not found");
}

/** RFC 9457, as the edge has it. */
export const problem = (status: number, code: string, detail: string, headers?: Record<string, string>): Answer => ({
  status,
  body: { type: `urn:openclaw-cloud:problem:${code}`, title: code, status, code, detail, request_id: "r-1" },
  ...(headers && { headers }),
});

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { KubeConfig } from "@kubernetes/client-node";
import { listen } from "#cluster/system/listen.ts";

export interface FakeApiServer {
  config: KubeConfig;
  requests: {
    method: string;
    path: string;
    query: URLSearchParams;
    headers: IncomingMessage["headers"];
    body: string;
  }[];
  /** Answers a request; what is thrown becomes a reset connection. */
  answer: (request: FakeApiServer["requests"][number], response: ServerResponse) => void;
  close(): Promise<void>;
}

/** An API server that says whatever a test wants, over plain HTTP on loopback. */
export async function startFakeApiServer(): Promise<FakeApiServer> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://server");
    const { method = "", headers } = request;
    const seen = { method, path: pathname, query: searchParams, headers, body: Buffer.concat(chunks).toString() };
    fake.requests.push(seen);
    try {
      fake.answer(seen, response);
    } catch {
      request.socket.destroy();
    }
  });
  const { url, close } = await listen(server, 0, "127.0.0.1");
  const config = new KubeConfig();
  const cluster = { name: "fake", server: url, skipTLSVerify: true };
  config.loadFromClusterAndUser(cluster, { name: "agent", token: "canary-token" });
  const fake: FakeApiServer = {
    config,
    requests: [],
    answer: (_request, response) => void sendJson(response, 200, {}),
    close,
  };
  return fake;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** Kubernetes' own form of an error. */
export const sendStatus = (response: ServerResponse, code: number, message = "", headers = {}): void =>
  sendJson(response, code, { kind: "Status", code, message, reason: "Reason" }, headers);

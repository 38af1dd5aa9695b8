import { createServer, type ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import { type Listening, listen } from "#cluster/system/listen.ts";
import type { Vitals } from "./vitals.ts";

/** `/metrics` for Prometheus, `/healthz` and `/readyz` for the kubelet. Plain HTTP, no secret in it, nothing to write. */
export async function startProbeServer(options: {
  port: number;
  registry: Registry;
  vitals: Vitals;
  host?: string;
}): Promise<Listening> {
  const { registry, vitals } = options;
  const routes: Record<string, (response: ServerResponse) => void | Promise<void>> = {
    "/healthz": (response) => verdict(response, vitals.live()),
    "/readyz": (response) => verdict(response, vitals.ready()),
    "/metrics": async (response) => {
      const text = await registry.metrics();
      response.writeHead(200, { "content-type": registry.contentType }).end(text);
    },
  };
  const server = createServer(async (request, response) => {
    request.resume();
    const route = routes[(request.url ?? "").split("?", 1)[0] ?? ""];
    if (!route) return void response.writeHead(404).end("there are /metrics, /healthz and /readyz\n");
    if (request.method !== "GET" && request.method !== "HEAD") {
      return void response.writeHead(405, { allow: "GET, HEAD" }).end();
    }
    try {
      await route(response);
    } catch {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  });
  server.requestTimeout = 5_000;
  return listen(server, options.port, options.host);
}

function verdict(response: ServerResponse, problems: readonly string[]): void {
  const well = problems.length === 0;
  response.writeHead(well ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(well ? { status: "ok" } : { status: "failing", problems })}\n`);
}

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Check, Health } from "./health.ts";

const CHECKS: Record<string, Check> = { "/healthz": "healthz", "/startupz": "startupz", "/readyz": "readyz" };

/** Serves the three probes, 200 or 503 with a JSON body, and nothing else. */
export async function serveHealth(port: number, host: string, health: (check: Check) => Health) {
  const server = createServer((request, response) => {
    const check = request.method === "GET" || request.method === "HEAD" ? CHECKS[request.url ?? ""] : undefined;
    if (!check) {
      response.writeHead(404).end();
      return;
    }
    const body = health(check);
    response.writeHead(body.ok ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(`${JSON.stringify(body)}\n`);
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

import { createServer } from "node:http";
import { type Listening, listen } from "#cluster/system/listen.ts";
import type { Check, Health } from "./health.ts";

const CHECKS: Record<string, Check> = {
  "/healthz": "healthz",
  "/startupz": "startupz",
  "/readyz": "readyz",
  "/status": "readyz",
};

/**
 * Serves the three probes, 200 or 503 with a JSON body, and nothing else but `/status`: `/readyz` as an answer instead
 * of a verdict, always 200. Whoever asks through the API server can't tell our 503 from its own.
 */
export function serveHealth(port: number, host: string, health: (check: Check) => Health): Promise<Listening> {
  const server = createServer((request, response) => {
    const check = request.method === "GET" || request.method === "HEAD" ? CHECKS[request.url ?? ""] : undefined;
    if (!check) {
      response.writeHead(404).end();
      return;
    }
    const body = health(check);
    response.writeHead(body.ok || request.url === "/status" ? 200 : 503, {
      "content-type": "application/json",
      "cache-control": "no-store",
    });
    response.end(`${JSON.stringify(body)}\n`);
  });
  return listen(server, port, host);
}

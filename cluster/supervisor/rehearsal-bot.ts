import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "#cluster/system/listen.ts";

/** A dummy bot, on a Bot API on loopback that knows only this bot. */
export interface RehearsalBot {
  token: string;
  apiRoot: string;
  /** Resolves at the first getUpdates: then all of the channel's code is loaded. */
  polled: Promise<void>;
  close(): void;
}

/** Longer than the gateway's own wait of half a minute, so that it never asks twice a second. */
const LONGEST_POLL_MS = 25_000;

/**
 * The channel's first start in a gateway costs seconds of CPU, because it loads what later starts find loaded. It is spent
 * before an owner waits, on a bot that has no messages and never will.
 */
export async function startRehearsalBot(): Promise<RehearsalBot> {
  const id = 1;
  const token = `${id}:${randomBytes(26).toString("base64url")}`;
  const { promise: polled, resolve } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const method = methodOf(request, token);
    if (method === undefined) return say(response, 404, { ok: false, error_code: 404, description: "Not Found" });
    if (method !== "getUpdates") return say(response, 200, { ok: true, result: RESULTS[method] ?? true });
    resolve();
    const timer = setTimeout(() => say(response, 200, { ok: true, result: [] }), LONGEST_POLL_MS);
    response.once("close", () => clearTimeout(timer));
  });
  const { url, close } = await listen(server, 0, "127.0.0.1");
  return { token, apiRoot: url, polled, close };
}

const ME = { id: 1, is_bot: true, first_name: "Rehearsal", username: "rehearsal_bot", can_join_groups: false };
const RESULTS: Record<string, unknown> = {
  getMe: ME,
  getWebhookInfo: { url: "", has_custom_certificate: false, pending_update_count: 0 },
  getMyCommands: [],
};

/** The method's name; undefined for another bot or path. */
function methodOf(request: IncomingMessage, token: string): string | undefined {
  request.resume();
  const [, bot, method] = (request.url ?? "").split("?", 1)[0]?.split("/") ?? [];
  return bot === `bot${token}` && method ? method : undefined;
}

function say(response: ServerResponse, status: number, body: unknown): void {
  if (response.writableEnded || response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

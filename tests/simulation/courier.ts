/** A faulty path to QStash: publishes pass through it late, duplicated, out of order, or not at all. */
import { createServer, type IncomingMessage } from "node:http";
import { listen } from "#cluster/system/listen.ts";
import type { Random } from "./random.ts";

export interface Courier {
  url: string;
  /** The base URL of QStash, where publishes go in the end. */
  target: string;
  /** `down`: every publish is refused. */
  weather: "good" | "bad" | "down";
  /** Counts what was done to publishes. */
  counts: { passed: number; doubled: number; late: number; lost: number; refused: number };
  close(): Promise<void>;
}

const DOUBLED = 0.2;
const LATE = 0.3;
const LOST = 0.02;
const LATE_S = 8;

export async function startCourier(random: Random): Promise<Courier> {
  const counts = { passed: 0, doubled: 0, late: 0, lost: 0, refused: 0 };

  /** What stands in the headers of one publish; a delay each, so the order is another. */
  const fates = (): Record<string, string>[] => {
    if (random.chance(LOST)) {
      counts.lost += 1;
      return [];
    }
    const copies = random.chance(DOUBLED) ? 2 : 1;
    counts.doubled += copies - 1;
    return Array.from({ length: copies }, (_, copy) => {
      const delay = random.chance(LATE) ? 1 + random.below(LATE_S) : 0;
      if (delay > 0) counts.late += 1;
      return {
        ...(delay > 0 && { "upstash-delay": `${delay}s` }),
        ...(copy > 0 && { "upstash-deduplication-id": crypto.randomUUID() }),
      };
    });
  };

  const server = createServer(async (request, response) => {
    const body = await read(request);
    if (courier.weather === "down") {
      counts.refused += 1;
      response.writeHead(503).end();
      return;
    }
    counts.passed += 1;
    const ways = courier.weather === "good" ? [{}] : fates();
    const sent = ways.map((fate) => forward(courier.target, request, body, fate));
    const [first] = await Promise.all(sent);
    // A lost one was taken, too: that is how it gets lost.
    response.writeHead(first?.status ?? 200, { "content-type": "application/json" });
    response.end(first ? await first.text() : JSON.stringify({ messageId: "lost" }));
  });
  const { url, close } = await listen(server, 0, "127.0.0.1");
  const courier: Courier = {
    url,
    target: "",
    weather: "good",
    counts,
    close,
  };
  return courier;
}

const OF_THE_CONNECTION = new Set(["host", "connection", "content-length", "transfer-encoding", "keep-alive"]);

function forward(target: string, request: IncomingMessage, body: string, fate: Record<string, string>) {
  const own = Object.entries(request.headers).filter(([name]) => !OF_THE_CONNECTION.has(name));
  const headers = Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
  return fetch(target + (request.url ?? ""), {
    method: request.method ?? "POST",
    headers: { ...headers, ...fate },
    body,
  });
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

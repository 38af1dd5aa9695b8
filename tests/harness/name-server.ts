import { createSocket } from "node:dgram";
import { once } from "node:events";

/** A name server on the internet that has an address for every name, and records the queries. */
export interface NameServer {
  host: string;
  /** Full names, lower case, in the order of their first query. */
  asked(): string[];
  close(): void;
}

export async function startNameServer(): Promise<NameServer> {
  const { OUTSIDE_HOST: host } = process.env;
  if (!host)
    throw new Error("This suite needs OUTSIDE_HOST: an address of this machine that the resolver's pods can reach.");
  const names = new Set<string>();
  const socket = createSocket("udp4", (query, from) => {
    const { name, end } = questionOf(query);
    names.add(name);
    socket.send(answerTo(query, end), from.port, from.address);
  });
  socket.bind(53, host);
  await once(socket, "listening");
  return { host, asked: () => [...names], close: () => socket.close() };
}

const HEADER = 12;

/** The first question's name, and where the question ends (RFC 1035, 4.1.2). */
function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), end: at + 5 };
}

/** The question again, and one A record: 192.0.2.1 for a minute. */
function answerTo(query: Buffer, end: number): Buffer {
  const header = Buffer.from(query.subarray(0, HEADER));
  header.writeUInt16BE(0x81_80, 2);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
  return Buffer.concat([header, query.subarray(HEADER, end), record]);
}

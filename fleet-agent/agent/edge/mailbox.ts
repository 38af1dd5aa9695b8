import { EdgeError } from "#cluster/system/call-edge.ts";
import { fullJitter, sleep } from "#cluster/system/retry.ts";
import type { EdgeClient } from "./edge-client.ts";
import { runSocket, type SocketOptions } from "./socket.ts";

export interface MailboxOptions extends SocketOptions {
  edge: EdgeClient;
  /** Pauses between connections lie between these, because a deployment of the edge closes every socket at once. */
  reconnect?: { floorMs: number; capMs: number };
  /** How long to poll before a socket is tried again. */
  pollForMs?: number;
  pollWaitS?: number;
}

export interface Mailbox {
  /** How the edge reaches this agent now. */
  transport(): "socket" | "poll" | undefined;
  /** Says hello again, after a change of this agent's capacity. */
  announce(): void;
  /** Resolves once `signal` has aborted and the connection is closed. */
  closed: Promise<void>;
}

const RECONNECT = { floorMs: 500, capMs: 30_000 };
/** Some networks let no WebSocket through: after this many refusals in a row, poll. */
const REFUSALS = 2;
/** After a socket that lived this long, the pauses start small again. */
const GOOD_AFTER_MS = 60_000;

/** Keeps this agent reachable until `signal` aborts: by a socket or, if that fails, by long polls. */
export function openMailbox(options: MailboxOptions): Mailbox {
  let sayHello: (() => void) | undefined;
  let polls = false;
  const announce = () => sayHello?.();
  const heard: Heard = {
    hello: (hello) => {
      sayHello = hello;
    },
    polls: (works) => {
      polls = works;
    },
  };
  const transport = () => (sayHello ? "socket" : polls ? "poll" : undefined);
  return { announce, transport, closed: stayConnected(options, heard) };
}

interface Heard {
  /** A function that says hello again; undefined if there is no connection. */
  hello(hello: (() => void) | undefined): void;
  /** Whether the last poll was answered. */
  polls(works: boolean): void;
}

async function stayConnected(options: MailboxOptions, heard: Heard) {
  const { signal, log } = options;
  const { floorMs, capMs } = options.reconnect ?? RECONNECT;
  let refusals = 0;
  let attempt = 0;
  while (!signal.aborted) {
    if (refusals >= REFUSALS) {
      log.info("no socket; polling");
      await pollFor(options, heard, Date.now() + (options.pollForMs ?? 300_000));
      heard.polls(false);
      refusals = REFUSALS - 1;
    } else {
      const since = Date.now();
      const end = await runSocket(options, heard.hello);
      heard.hello(undefined);
      refusals = end === "refused" ? refusals + 1 : 0;
      attempt = Date.now() - since > GOOD_AFTER_MS ? 0 : attempt + 1;
    }
    await sleep(fullJitter(attempt, floorMs, capMs), signal).catch(() => undefined);
  }
}

/** Polls until `until`; ends early if the edge can't be reached this way either. */
async function pollFor(options: MailboxOptions, heard: Heard, until: number): Promise<void> {
  const { edge, handler, signal, log } = options;
  const { floorMs, capMs } = options.reconnect ?? RECONNECT;
  for (let failures = 0; Date.now() < until && failures < 5 && !signal.aborted; ) {
    const askedAt = Date.now();
    try {
      const { messages } = await edge.poll({ ...handler.hello(), wait: options.pollWaitS ?? 25 }, signal);
      failures = 0;
      heard.polls(true);
      for (const message of messages) handler.message(message);
      // If the edge answers "nothing" at once, don't poll in a tight loop.
      if (messages.length === 0 && Date.now() - askedAt < 1_000) await sleep(floorMs, signal).catch(() => undefined);
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      heard.polls(false);
      log.warn({ reason: error instanceof EdgeError ? error.message : "no answer" }, "a poll failed");
      await sleep(fullJitter(failures, floorMs, capMs), signal).catch(() => undefined);
    }
  }
}

import { EdgeError } from "#cluster/system/call-edge.ts";
import { fullJitter, sleep } from "#cluster/system/retry.ts";
import type { EdgeClient } from "./edge-client.ts";
import { runSocket, type SocketOptions } from "./socket.ts";

export interface MailboxOptions extends SocketOptions {
  edge: EdgeClient;
  /** Waits between connections lie between these; the edge's deploys close every socket at once. */
  reconnect?: { floorMs: number; capMs: number };
  /** How long to poll before a socket is tried again. */
  pollForMs?: number;
  pollWaitS?: number;
}

export interface Mailbox {
  /** How the edge can hand this agent jobs now. */
  transport(): "socket" | "poll" | undefined;
  /** Says hello again: what this agent can take has changed. */
  announce(): void;
  /** Resolves once `signal` has aborted and the connection is closed. */
  closed: Promise<void>;
}

const RECONNECT = { floorMs: 500, capMs: 30_000 };
/** Some networks let no WebSocket through: after this many refusals in a row, poll. */
const REFUSALS = 2;
/** A socket that lived this long was a good one; the next wait starts small again. */
const GOOD_AFTER_MS = 60_000;

/** Keeps this agent reachable until `signal` aborts: by a socket, or by long polls where none can be had. */
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
  /** A way to say hello again, or that there is none now. */
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
      log.info("no socket can be had; polling");
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

/** Polls until `until`; ends early when the edge can't be reached this way either. */
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
      // An edge that answers "nothing" at once must not be asked in a tight loop.
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

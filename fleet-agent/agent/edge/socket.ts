import { WebSocket } from "ws";
import { type Hello, MailboxMessage } from "#schema/contracts/fleet.ts";
import type { Logger } from "../../log.ts";
import type { Signer } from "./assertion.ts";

export interface MailboxHandler {
  message(message: MailboxMessage): void;
  /** This agent's hello, made for every connection. */
  hello(): Omit<Hello, "type">;
}

export interface SocketOptions {
  edgeUrl: string;
  sign: Signer;
  handler: MailboxHandler;
  log: Logger;
  signal: AbortSignal;
  pingEveryMs?: number;
}

/** `refused`: there was no socket. `closed`: there was one, and it ended. */
export type SocketEnd = "refused" | "closed";

/** Cloudflare answers the exact text "ping" for a sleeping object, so a ping is free and doesn't wake it. */
const PING = "ping";
const PING_EVERY_MS = 20_000;

/** One connection to the mailbox, from the upgrade to its end. `opened` gets a function that says hello again. */
export async function runSocket(options: SocketOptions, opened: (sayHello: () => void) => void): Promise<SocketEnd> {
  const { signal, log, handler } = options;
  const socket = new WebSocket(`${options.edgeUrl.replace(/^http/, "ws")}/fleet/mailbox`, {
    headers: { authorization: `Bearer ${await options.sign()}` },
    handshakeTimeout: 10_000,
    maxPayload: 1 << 20,
    perMessageDeflate: false,
  });
  const { promise: ended, resolve: end } = Promise.withResolvers<SocketEnd>();
  const watch = watchPings(socket, options.pingEveryMs ?? PING_EVERY_MS, log);
  const onAbort = () => socket.close(1000);
  let wasOpen = false;

  socket.on("open", () => {
    wasOpen = true;
    log.info("connected to the mailbox");
    const sayHello = () => socket.send(JSON.stringify({ type: "hello", ...handler.hello() } satisfies Hello));
    sayHello();
    watch.start();
    opened(sayHello);
  });
  socket.on("message", (data, binary) => {
    if (watch.heard(String(data)) || binary) return;
    const message = parseMessage(String(data));
    if (message) handler.message(message);
    else log.warn("the edge sent a message that this agent doesn't know");
  });
  socket.on("unexpected-response", (request, response) => {
    log.warn({ status: response.statusCode }, refusal(response.statusCode));
    options.sign.learnTime(response.headers.date);
    request.destroy();
    end("refused");
  });
  socket.on("error", (error) => log.warn({ reason: error.message }, "the mailbox socket failed"));
  socket.on("close", (code) => {
    if (wasOpen) log.info({ code }, "the mailbox socket closed");
    end(wasOpen ? "closed" : "refused");
  });
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await ended;
  } finally {
    signal.removeEventListener("abort", onAbort);
    watch.stop();
    socket.terminate();
  }
}

/** Detects a dead connection by an unanswered ping. */
function watchPings(socket: WebSocket, everyMs: number, log: Logger) {
  let timer: NodeJS.Timeout | undefined;
  let waiting = false;
  const tick = () => {
    if (waiting) {
      log.warn("the mailbox doesn't answer pings");
      socket.terminate();
      return;
    }
    waiting = true;
    socket.send(PING);
  };
  return {
    start: () => {
      timer = setInterval(tick, everyMs);
    },
    stop: () => clearInterval(timer),
    /** Any message shows that the connection is alive; true for the pong itself. */
    heard: (text: string) => {
      waiting = false;
      return text === "pong";
    },
  };
}

function parseMessage(text: string): MailboxMessage | undefined {
  try {
    return MailboxMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const refusal = (status: number | undefined): string =>
  status === 401 || status === 403
    ? "the edge refused this agent's key: is its public half in `clusters.agent_keys`, and is this machine's clock right?"
    : "the edge refused the mailbox socket";

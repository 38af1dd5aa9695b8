/** The connections of a mailbox: sockets, which survive an eviction, and long polls, which do not. */
import type { Hello, MailboxMessage } from "#schema/contracts/fleet.ts";
import { newId } from "#schema/domain/ids.ts";

/** One agent's connection. */
export interface Connection {
  /** Names the connection and, after an `@`, the agent's instance if it has one. */
  holder: string;
  /** How many jobs it may hold at once. */
  capacity: number;
  /** The key that it authenticated with. */
  kid: string;
  /** False if the connection is closed. */
  send(message: MailboxMessage): boolean;
}

interface Waiter extends Connection {
  messages: MailboxMessage[];
  answer(): void;
}

export interface Poll extends Connection {
  answered: Promise<MailboxMessage[]>;
  answer(): void;
}

type HelloOf = Pick<Hello, "capacity" | "instance" | "replaces">;

/** Stored with a socket while the object sleeps. */
type Attachment = Pick<Connection, "holder" | "capacity" | "kid">;

const REVOKED = { code: 1008, reason: "this agent's key is no longer valid" };

export type Connections = ReturnType<typeof createConnections>;

export function createConnections(state: DurableObjectState) {
  const waiters = new Set<Waiter>();
  state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));

  /** A process that reconnects has left its earlier connections: no job may be sent there. */
  const replace = (instance: string, by?: WebSocket): void => {
    for (const socket of state.getWebSockets()) {
      const older = socket !== by && instanceOf(attachmentOf(socket)?.holder ?? "") === instance;
      if (older) socket.close(1000, "replaced by a newer connection");
    }
    for (const waiter of waiters) if (instanceOf(waiter.holder) === instance) waiter.answer();
  };

  return {
    /** Accepts a socket; it gets nothing until its hello. */
    accept(socket: WebSocket, kid: string): void {
      state.acceptWebSocket(socket);
      attach(socket, { holder: newId(), capacity: 0, kid });
    },

    /** Undefined for a socket that this module did not accept. */
    hello(socket: WebSocket, { capacity, instance, replaces }: HelloOf): Connection | undefined {
      const before = attachmentOf(socket);
      if (!before) return undefined;
      const now = { ...before, holder: holderOf(before.holder, instance), capacity };
      attach(socket, now);
      if (instance !== undefined) replace(instance, socket);
      if (replaces !== undefined) replace(replaces, socket);
      return fromSocket(socket, now);
    },

    /** A long poll that waits for its first message; `answer` ends it with the messages so far. */
    wait({ capacity, instance, replaces, kid }: HelloOf & { kid: string }): Poll {
      if (instance !== undefined) replace(instance);
      if (replaces !== undefined) replace(replaces);
      const { promise, resolve } = Promise.withResolvers<MailboxMessage[]>();
      const messages: MailboxMessage[] = [];
      const entry: Waiter = {
        holder: holderOf(newId(), instance),
        capacity,
        kid,
        messages,
        send: (message) => messages.push(message) > 0,
        answer: () => {
          waiters.delete(entry);
          resolve(messages);
        },
      };
      waiters.add(entry);
      return { ...entry, answered: promise };
    },

    /** Ends the polls that have messages. */
    flush(): void {
      for (const waiter of waiters) if (waiter.messages.length > 0) waiter.answer();
    },

    all(): Connection[] {
      const open = state.getWebSockets().filter((socket) => socket.readyState === WebSocket.OPEN);
      const sockets = open.flatMap((socket) => {
        const attachment = attachmentOf(socket);
        return attachment ? [fromSocket(socket, attachment)] : [];
      });
      return [...sockets, ...waiters];
    },

    /** Closes the connections of keys that are not in the list. */
    keepOnly(kids: ReadonlySet<string>): void {
      for (const socket of state.getWebSockets()) {
        if (!kids.has(attachmentOf(socket)?.kid ?? "")) socket.close(REVOKED.code, REVOKED.reason);
      }
      for (const waiter of waiters) if (!kids.has(waiter.kid)) waiter.answer();
    },
  };
}

/** Also matches a holder that had no instance yet. */
const holderOf = (before: string, instance: string | undefined): string => {
  const [id = before] = before.split("@", 1);
  return instance === undefined ? id : `${id}@${instance}`;
};

/** The agent's instance, if the holder of a lease has one. */
export function instanceOf(holder: string): string | undefined {
  const at = holder.indexOf("@");
  return at < 0 ? undefined : holder.slice(at + 1);
}

const attach = (socket: WebSocket, attachment: Attachment): void => socket.serializeAttachment(attachment);

/** Only this module writes attachments. */
const attachmentOf = (socket: WebSocket): Attachment | undefined =>
  (socket.deserializeAttachment() as Attachment | null) ?? undefined;

const fromSocket = (socket: WebSocket, attachment: Attachment): Connection => ({
  ...attachment,
  send: (message) => {
    try {
      socket.send(JSON.stringify(message));
      return true;
    } catch {
      // It was just closed.
      return false;
    }
  },
});

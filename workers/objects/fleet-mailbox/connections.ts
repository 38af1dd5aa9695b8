/** Who listens to a mailbox now: sockets, which outlive an eviction, and long polls, which do not. */
import type { Hello, MailboxMessage } from "#schema/contracts/fleet.ts";
import { newId } from "#schema/domain/ids.ts";

/** One agent's connection. */
export interface Connection {
  /** Names the connection, and behind an `@` the agent's instance where it told one. */
  holder: string;
  /** How many jobs it may hold at once. */
  capacity: number;
  /** The key that it came in with. */
  kid: string;
  /** False where the connection is gone. */
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

/** Kept with a socket while the object sleeps. */
type Attachment = Pick<Connection, "holder" | "capacity" | "kid">;

const REVOKED = { code: 1008, reason: "this agent's key is not valid any more" };

export type Connections = ReturnType<typeof createConnections>;

export function createConnections(state: DurableObjectState) {
  const waiters = new Set<Waiter>();
  state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));

  /** A process that connects anew has left its connections before, or was killed: a job must not be sent there. */
  const replace = (instance: string, by?: WebSocket): void => {
    for (const socket of state.getWebSockets()) {
      const older = socket !== by && instanceOf(attachmentOf(socket)?.holder ?? "") === instance;
      if (older) socket.close(1000, "replaced by a newer connection");
    }
    for (const waiter of waiters) if (instanceOf(waiter.holder) === instance) waiter.answer();
  };

  return {
    /** Takes a socket that has not said hello yet: it gets nothing until then. */
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

    /** A long poll that waits for its first message; `answer` ends it with what there is. */
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

    /** Ends the polls that have something to tell. */
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

    /** Ends the connections of keys that are not among the valid ones. */
    keepOnly(kids: ReadonlySet<string>): void {
      for (const socket of state.getWebSockets()) {
        if (!kids.has(attachmentOf(socket)?.kid ?? "")) socket.close(REVOKED.code, REVOKED.reason);
      }
      for (const waiter of waiters) if (!kids.has(waiter.kid)) waiter.answer();
    },
  };
}

/** Also of a holder that has told its instance before. */
const holderOf = (before: string, instance: string | undefined): string => {
  const [id = before] = before.split("@", 1);
  return instance === undefined ? id : `${id}@${instance}`;
};

/** The agent's instance, where the holder of a lease told one. */
export function instanceOf(holder: string): string | undefined {
  const at = holder.indexOf("@");
  return at < 0 ? undefined : holder.slice(at + 1);
}

const attach = (socket: WebSocket, attachment: Attachment): void => socket.serializeAttachment(attachment);

/** What this module alone attaches. */
const attachmentOf = (socket: WebSocket): Attachment | undefined =>
  (socket.deserializeAttachment() as Attachment | null) ?? undefined;

const fromSocket = (socket: WebSocket, attachment: Attachment): Connection => ({
  ...attachment,
  send: (message) => {
    try {
      socket.send(JSON.stringify(message));
      return true;
    } catch {
      // It closed at this moment.
      return false;
    }
  },
});

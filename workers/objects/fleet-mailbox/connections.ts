/** Who listens to a mailbox now: sockets, which outlive an eviction, and long polls, which do not. */
import type { MailboxMessage } from "#schema/contracts/fleet.ts";
import { newId } from "#schema/domain/ids.ts";

/** One agent's connection. `capacity`: how many jobs it may hold at once. */
export interface Connection {
  holder: string;
  capacity: number;
  send(message: MailboxMessage): void;
}

interface Waiter extends Connection {
  messages: MailboxMessage[];
  answer(): void;
}

export interface Poll extends Connection {
  answered: Promise<MailboxMessage[]>;
  answer(): void;
}

/** Kept with a socket while the object sleeps. */
interface Attachment {
  holder: string;
  capacity: number;
}

export type Connections = ReturnType<typeof createConnections>;

export function createConnections(state: DurableObjectState) {
  const waiters = new Set<Waiter>();
  state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));

  return {
    /** Takes a socket that has not said hello yet: it gets nothing until then. */
    accept(socket: WebSocket): void {
      state.acceptWebSocket(socket);
      attach(socket, { holder: newId(), capacity: 0 });
    },

    hello(socket: WebSocket, capacity: number): Connection {
      const holder = attachmentOf(socket)?.holder ?? newId();
      attach(socket, { holder, capacity });
      return fromSocket(socket, { holder, capacity });
    },

    /** A long poll that waits for its first message; `answer` ends it with what there is. */
    wait(waiter: { holder: string; capacity: number }): Poll {
      const { promise, resolve } = Promise.withResolvers<MailboxMessage[]>();
      const messages: MailboxMessage[] = [];
      const entry: Waiter = {
        ...waiter,
        messages,
        send: (message) => messages.push(message),
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
      const sockets = state.getWebSockets().flatMap((socket) => {
        const attachment = socket.readyState === WebSocket.OPEN ? attachmentOf(socket) : undefined;
        return attachment ? [fromSocket(socket, attachment)] : [];
      });
      return [...sockets, ...waiters];
    },
  };
}

const attach = (socket: WebSocket, attachment: Attachment): void => socket.serializeAttachment(attachment);

/** What this module alone attaches. */
const attachmentOf = (socket: WebSocket): Attachment | undefined =>
  (socket.deserializeAttachment() as Attachment | null) ?? undefined;

const fromSocket = (socket: WebSocket, attachment: Attachment): Connection => ({
  ...attachment,
  send: (message) => socket.send(JSON.stringify(message)),
});

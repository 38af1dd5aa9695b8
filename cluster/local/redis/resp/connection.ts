import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { CommandLine } from "../engine.ts";
import type { Reply } from "../reply.ts";
import { encodeCommand } from "./encode.ts";
import { ReplyReader } from "./reply-reader.ts";

/** Where a Redis is: `redis://[user[:password]@]host[:port][/database]`, `rediss` for TLS. */
export interface RedisAddress {
  host: string;
  port: number;
  tls: boolean;
  /** What is said first on each new connection. */
  hello: CommandLine[];
}

export function redisAddress(redisUrl: string): RedisAddress {
  const url = URL.parse(redisUrl);
  if (!url || !/^rediss?:$/.test(url.protocol) || !url.hostname) {
    throw new Error("the Redis URL must look like redis://[user:password@]host[:port][/database]");
  }
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  const database = url.pathname.slice(1);
  const hello: CommandLine[] = [];
  if (password) hello.push(user ? ["AUTH", user, password] : ["AUTH", password]);
  if (database) hello.push(["SELECT", database]);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || 6379),
    tls: url.protocol === "rediss:",
    hello,
  };
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** One connection; what is written in one call is not mixed with other calls. */
export class RedisConnection {
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  #waiting: Waiting[] = [];
  #failure: Error | undefined;

  constructor(address: RedisAddress) {
    const target = { host: address.host, port: address.port };
    this.#socket = address.tls ? connectTls({ ...target, servername: address.host }) : connectTcp(target);
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on("error", (error) => this.#fail(new Error(`Redis can't be reached: ${error.message}`)));
    this.#socket.on("close", () => this.#fail(new Error("Redis closed the connection")));
    this.send(address.hello).catch(() => undefined);
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** One reply per command, in order. */
  send(commands: CommandLine[]): Promise<Reply[]> {
    if (this.#failure) return Promise.reject(this.#failure);
    const replies = commands.map(
      () => new Promise<Reply>((resolve, reject) => this.#waiting.push({ resolve, reject })),
    );
    this.#socket.write(commands.map(encodeCommand).join(""));
    return Promise.all(replies);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const reply of this.#reader.push(chunk)) this.#waiting.shift()?.resolve(reply);
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : undefined);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

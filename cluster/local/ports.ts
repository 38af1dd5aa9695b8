import { tryPort } from "#cluster/system/free-port.ts";
import { readPidFile } from "#cluster/system/pid-file.ts";
import type { LocalConfig } from "./config.ts";

export interface Address {
  host: string;
  /** 0: a free one. */
  port: number;
}

const LOOPBACK = "127.0.0.1";

/**
 * Where everything listens. Pods reach HOST: there is what they may ask, the edge and Telegram's Bot API, and nothing
 * else. What people open keeps its port behind the edge's; what only the Worker asks takes any.
 */
export function addresses({ HOST, PORT }: Pick<LocalConfig, "HOST" | "PORT">) {
  const behind = (offset: number): number => PORT && PORT + offset;
  return {
    edge: { host: HOST, port: PORT },
    telegram: { host: HOST, port: behind(1) },
    chats: { host: LOOPBACK, port: behind(2) },
    mail: { host: LOOPBACK, port: behind(3) },
    qstash: { host: LOOPBACK, port: behind(4) },
    neon: { host: LOOPBACK, port: 0 },
    redis: { host: LOOPBACK, port: 0 },
    model: { host: LOOPBACK, port: 0 },
    s3: { host: LOOPBACK, port: 0 },
  } satisfies Record<string, Address>;
}

/** `chats` is the page where people use the built-in Telegram. */
export type ServiceName = Exclude<keyof ReturnType<typeof addresses>, "edge">;

/**
 * Tells early and in words what would fail late.
 * @param lockFile holds the process that uses our data folder
 * @throws Error that says what is taken, and what to do
 */
export async function refuseTakenPorts(config: Pick<LocalConfig, "HOST" | "PORT">, lockFile: string): Promise<void> {
  for (const { host, port } of Object.values(addresses(config))) {
    if (port === 0) continue;
    await tryPort(host, port).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE")
        throw new Error(`${host}:${port} can't be used: ${error.message}. See HOST and PORT.`);
      throw new Error(`${host}:${port} is in use. ${whatToDo(lockFile, config.PORT)}`);
    });
  }
}

function whatToDo(lockFile: string, port: number): string {
  const pid = readPidFile(lockFile)?.pid;
  if (pid) return `openclaw-cloud is already running from this folder: stop process ${pid} first (kill ${pid}).`;
  return `Stop the program that listens there, or choose other ports: PORT=${port + 10} npm start`;
}

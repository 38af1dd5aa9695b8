/** What a verb needs from outside: one record, made for each request, hook, alarm or sweep. */
import type { Redis } from "@upstash/redis/cloudflare";
import { newId } from "#schema/domain/ids.ts";
import type { TokenKeys } from "#schema/domain/proxy-token.ts";
import { type Config, readConfig } from "./config.ts";
import type { Actor } from "./contracts/actor.ts";
import type { Keyed } from "./contracts/keyed.ts";
import type { Mailbox } from "./contracts/mailbox.ts";
import type { Meter, Tally } from "./contracts/meter.ts";
import type { SweepTurn } from "./contracts/sweep-turn.ts";
import type { Env } from "./env.ts";
import { type Database, openDatabase } from "./integrations/database.ts";
import { createMail, type Mail } from "./integrations/mail.ts";
import { createQueue, type Queue } from "./integrations/qstash.ts";
import { createRedis } from "./integrations/redis.ts";
import { createTelegram, type Telegram } from "./integrations/telegram.ts";
import { importTokenKeys } from "./integrations/token-keys.ts";
import { createVault, type Vault } from "./integrations/vault.ts";
import { createLog, type Log } from "./log.ts";

export interface Ctx {
  readonly config: Config;
  readonly db: Database;
  /** Only for data that may be lost. */
  readonly redis: Redis;
  readonly qstash: Queue;
  readonly telegram: Telegram;
  readonly vault: Vault;
  readonly mail: Mail;
  readonly tokenKeys: Promise<TokenKeys>;
  readonly requestId: string;
  readonly log: Log;
  actor: Actor;
  /** The request's `Idempotency-Key`, where its operation honours one (services/idempotency/once.ts). */
  keyed?: Keyed;
  /** Set while one of the minute's sweeps has its turn. */
  turn?: SweepTurn;
  now(): Date;
  /** Work that the answer does not wait for; it must handle its own failure. */
  defer(work: Promise<unknown>): void;
  meter(customerId: string): Pick<Meter, "sync">;
  /** See `TokenMeter.tally`. */
  tally(customerId: string, periodStart: Date, options?: { sure: boolean }): Promise<Tally | null>;
  mailbox(clusterId: string): Mailbox;
}

/** What a verb is called with. */
export interface Call<Input> {
  ctx: Ctx;
  input: Input;
}

export interface ContextOptions {
  /** `request`, `alarm`, `sweep`: the `kind` of the log line. */
  kind: string;
  actor?: Actor;
  defer: (work: Promise<unknown>) => void;
}

/** The clients of one configuration, made when first used and shared by the isolate's requests. */
type Clients = Pick<Ctx, "config" | "db" | "redis" | "qstash" | "telegram" | "vault" | "mail" | "tokenKeys">;
const clientsOf = new WeakMap<Config, Clients>();

export function createContext(env: Env, options: ContextOptions): Ctx {
  const requestId = newId();
  return {
    ...clients(readConfig(env)),
    requestId,
    log: createLog(options.kind, requestId),
    actor: options.actor ?? { kind: "anonymous" },
    now: () => new Date(),
    defer: options.defer,
    meter: (customerId) => env.TOKEN_METER.getByName(customerId),
    tally: async (customerId, periodStart, options) =>
      await env.TOKEN_METER.getByName(customerId).tally(periodStart.getTime(), options),
    mailbox: (clusterId) => env.FLEET_MAILBOX.getByName(clusterId),
  };
}

function clients(config: Config): Clients {
  const known = clientsOf.get(config);
  if (known) return known;
  const made: Clients = {
    config,
    db: openDatabase(config),
    redis: createRedis(config),
    qstash: createQueue(config),
    telegram: createTelegram(config),
    vault: createVault(config),
    mail: createMail(config),
    tokenKeys: importTokenKeys(config),
  };
  clientsOf.set(config, made);
  return made;
}

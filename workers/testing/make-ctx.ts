/** A whole context for tests of verbs: a real database behind the built-in Neon, objects and vendors that are played. */

import { type Ctx, createContext } from "../context.ts";
import type { Mailbox } from "../contracts/mailbox.ts";
import type { Meter } from "../contracts/meter.ts";
import type { Env } from "../env.ts";
import { createLog } from "../log.ts";

/** A stand-in of Neon that listens. */
interface Neon {
  connectionString: string;
  url: string;
}

export interface TestContext extends Partial<Omit<Ctx, "config" | "mailbox" | "meter">> {
  /** Variables of the Worker, beside those that it can't do without. */
  vars?: Record<string, string>;
  /** A cluster's mailbox, as far as it is to be noticed: the rest of its calls succeed. */
  mailbox?: (clusterId: string) => Partial<Mailbox>;
  /** The same for a customer's meter. */
  meter?: (customerId: string) => Partial<Meter>;
}

/** 32 bytes in base64. */
export const TEST_KEY = Buffer.alloc(32, 7).toString("base64");

const NOBODY = "http://127.0.0.1:9";
const VARIABLES = {
  UPSTASH_REDIS_REST_URL: NOBODY,
  UPSTASH_REDIS_REST_TOKEN: "unused",
  QSTASH_URL: NOBODY,
  QSTASH_TOKEN: "unused",
  QSTASH_CURRENT_SIGNING_KEY: "unused",
  QSTASH_NEXT_SIGNING_KEY: "unused",
  TELEGRAM_API_ROOT: NOBODY,
  KIMI_API_KEY: "unused",
  PUBLIC_URL: "https://cloud.example.com",
  KEK_CURRENT: TEST_KEY,
  TOKEN_KEY_CURRENT: TEST_KEY,
  INTERNAL_KEYS: "[]",
};

/** What the Worker is bound to. */
export function makeEnv({ connectionString, url }: Neon, test: Pick<TestContext, "vars" | "mailbox" | "meter">): Env {
  const env = {
    ...VARIABLES,
    DATABASE_URL: connectionString,
    NEON_HTTP_ENDPOINT: `${url}/sql`,
    ...test.vars,
    ASSETS: { fetch: () => Promise.reject(new Error("no assets here")) },
    TOKEN_METER: { getByName: (id: string) => played<Meter>(test.meter?.(id)) },
    FLEET_MAILBOX: { getByName: (id: string) => played<Mailbox>(test.mailbox?.(id)) },
  };
  return env as unknown as Env;
}

/** The actor is the system, the clock the machine's, and nothing is deferred, where the test says nothing else. */
export function makeCtx(neon: Neon, test: TestContext = {}): Ctx {
  const { vars, mailbox, meter, ...rest } = test;
  const env = makeEnv(neon, test);
  const ctx = createContext(env, { kind: "test", actor: { kind: "system" }, defer: () => undefined });
  return {
    ...ctx,
    requestId: "test",
    log: createLog("test", "test", () => undefined),
    qstash: { wake: async () => undefined },
    mail: { send: async () => undefined },
    ...rest,
  };
}

/** An object of which only these calls are noticed. */
function played<Port extends object>(calls: Partial<Port> = {}): Port {
  return new Proxy(calls, {
    get: (target, name) => Reflect.get(target, name) ?? (async () => undefined),
  }) as Port;
}

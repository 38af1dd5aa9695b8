import { join } from "node:path";
import type { LocalConfig } from "./config.ts";
import { serve } from "./http/serve.ts";
import { createMail } from "./mail/mail.ts";
import { createModel } from "./model/model.ts";
import { createNeon } from "./neon/neon.ts";
import { addresses, type ServiceName } from "./ports.ts";
import { createQStash } from "./qstash/qstash.ts";
import { createRedis } from "./redis/redis.ts";
import { BACKUP_BUCKET } from "./s3/bucket.ts";
import { createS3 } from "./s3/s3.ts";
import type { LocalSecrets } from "./secrets.ts";
import { createTelegram } from "./telegram/telegram.ts";

export interface ServicesOptions {
  config: LocalConfig;
  secrets: LocalSecrets;
  /** Where data outlives a restart; in memory if absent. */
  dataDir?: string | undefined;
  /** What an embedded database in memory begins with: see `PgliteOptions`. */
  database?: Blob | undefined;
}

/** Every stand-in, each on an address of its own. */
export type Services = Awaited<ReturnType<typeof startServices>>;

export async function startServices({ config, secrets, dataDir, database }: ServicesOptions) {
  const file = (name: string) => (dataDir ? join(dataDir, name) : undefined);
  const standIns = {
    neon: await createNeon({
      connectionString: secrets.databaseUrl,
      dataDir: file("postgres"),
      databaseUrl: config.DATABASE_URL,
      template: database,
    }),
    redis: createRedis({ token: secrets.redisToken }),
    qstash: createQStash({
      token: secrets.qstashToken,
      currentSigningKey: secrets.qstashCurrentKey,
      nextSigningKey: secrets.qstashNextKey,
      storage: file("qstash.ndjson"),
    }),
    telegram: createTelegram({ storage: file("telegram.json") }),
    model: createModel({ apiKey: secrets.modelKey }),
    mail: createMail({ apiKey: secrets.mailKey }),
    s3: await createS3({
      accessKeyId: secrets.s3KeyId,
      secretAccessKey: secrets.s3Secret,
      bucket: BACKUP_BUCKET,
      dataDir: file("s3"),
    }),
  };
  const at = addresses(config);
  const apps = Object.entries({ ...standIns, chats: { app: standIns.telegram.chats } });
  const served = await Promise.all(
    apps.map(async ([name, { app }]) => [name, await serve(app, at[name as ServiceName])] as const),
  );
  return {
    ...standIns,
    /** Where each listens. */
    urls: Object.fromEntries(served.map(([name, { url }]) => [name, url])) as Record<ServiceName, string>,
    async close() {
      await Promise.all(served.map(([, server]) => server.close()));
      const closed = await Promise.allSettled(Object.values(standIns).map((standIn) => standIn.close()));
      for (const end of closed) if (end.status === "rejected") throw end.reason;
    },
  };
}

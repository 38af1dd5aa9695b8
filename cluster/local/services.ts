import { join } from "node:path";
import type { LocalConfig } from "./config.ts";
import { mount } from "./http/mount.ts";
import { type Served, serve } from "./http/serve.ts";
import { createMail } from "./mail/mail.ts";
import { createModel } from "./model/model.ts";
import { createNeon } from "./neon/neon.ts";
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
  host: string;
  port: number;
}

/** Every stand-in, under one server: `/neon`, `/redis`, `/qstash`, `/telegram`, `/model`, `/mail`, `/s3`. */
export type Services = Awaited<ReturnType<typeof startServices>>;

export async function startServices({ config, secrets, dataDir, host, port }: ServicesOptions) {
  const file = (name: string) => (dataDir ? join(dataDir, name) : undefined);
  const neon = await createNeon({ dataDir: file("postgres"), databaseUrl: config.DATABASE_URL });
  const standIns = {
    neon,
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
  const all = mount(standIns);
  const served: Served = await serve(all.app, { hosts: [host], port, upgrade: all.upgrade });
  return {
    ...standIns,
    url: served.url,
    async close() {
      await served.close();
      await all.close();
    },
  };
}

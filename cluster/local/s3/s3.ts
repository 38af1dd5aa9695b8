import { createHash, randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { StandIn } from "../http/stand-in.ts";
import { authenticate, type Credentials } from "./authenticate.ts";
import { listObjects } from "./list-objects.ts";
import { type ObjectInfo, openObjectStore } from "./object-store.ts";
import { S3Error } from "./s3-error.ts";

export interface S3Options extends Credentials {
  bucket: string;
  /** Where objects outlive a restart; in a temporary folder if absent. */
  dataDir?: string | undefined;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

export interface S3 extends StandIn {
  /** What is in the bucket, by key. */
  objects(prefix?: string): ObjectInfo[];
  read(key: string): Promise<Uint8Array>;
  /** Writes an object directly, as a fault or an attacker would. */
  overwrite(key: string, content: Uint8Array): Promise<void>;
}

/** The stand-in for S3: PUT, GET, DELETE and ListObjectsV2 in one bucket, path-style, Signature Version 4. */
export async function createS3(options: S3Options): Promise<S3> {
  const { bucket, now = Date.now } = options;
  const store = await openObjectStore(options.dataDir);
  const app = new Hono();

  const admit = (c: Context) => {
    const url = new URL(c.req.url);
    const parts = { method: c.req.method, path: url.pathname, query: url.searchParams };
    const { payloadHash } = authenticate({ ...parts, header: (name) => c.req.header(name) }, options, now());
    if (c.req.param("bucket") !== bucket) throw new S3Error("NoSuchBucket", "The specified bucket does not exist");
    return { payloadHash, query: url.searchParams, key: c.req.param("key") ?? "" };
  };

  // Clients name a bucket with or without a trailing slash.
  app.on("GET", ["/:bucket", "/:bucket/"], (c) =>
    c.body(listObjects(bucket, admit(c).query, store.list), 200, { "content-type": "application/xml" }),
  );
  app.put("/:bucket/:key{.+}", async (c) => {
    const { key, payloadHash } = admit(c);
    const content = new Uint8Array(await c.req.arrayBuffer());
    checkHash(content, payloadHash);
    await store.put(key, content);
    return c.body(null, 200);
  });
  app.get("/:bucket/:key{.+}", async (c) => {
    const { key } = admit(c);
    const content = await store.read(key);
    if (!content) throw new S3Error("NoSuchKey", "The specified key does not exist.");
    return c.body(new Uint8Array(content));
  });
  app.delete("/:bucket/:key{.+}", async (c) => {
    await store.remove(admit(c).key);
    return c.body(null, 204);
  });
  app.onError((error, c) => {
    const known = error instanceof S3Error ? error : new S3Error("InternalError", "This failed inside the stand-in.");
    return c.body(known.toXml(randomUUID()), known.status, { "content-type": "application/xml" });
  });

  return {
    app,
    objects: (prefix = "") => store.list(prefix),
    read: async (key) => (await store.read(key)) ?? Promise.reject(new Error(`there is no ${key}`)),
    overwrite: (key, content) => store.put(key, content),
    close: () => store.close(),
  };
}

function checkHash(content: Uint8Array, payloadHash: string): void {
  if (payloadHash === "UNSIGNED-PAYLOAD" || payloadHash === createHash("sha256").update(content).digest("hex")) return;
  throw new S3Error(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}

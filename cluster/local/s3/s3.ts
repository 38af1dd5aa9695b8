import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { StandIn } from "../http/stand-in.ts";
import { authenticate, type Credentials } from "./authenticate.ts";
import { listObjects } from "./list-objects.ts";
import { type ObjectInfo, openObjectStore } from "./object-store.ts";
import { readContent } from "./read-content.ts";
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
  /** Puts something in behind everybody's back, as a fault or an attacker would. */
  overwrite(key: string, content: Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
}

/** S3-compatible object storage as this machine can run it: one bucket, path-style, Signature Version 4. */
export async function createS3(options: S3Options): Promise<S3> {
  const { bucket, now = Date.now } = options;
  const store = await openObjectStore(options.dataDir, now);
  const app = new Hono();

  const admit = (c: Context) => {
    const url = new URL(c.req.url);
    const header = (name: string) => c.req.header(name);
    const request = { method: c.req.method, path: url.pathname, query: url.searchParams, header };
    const admitted = authenticate(request, options, now());
    if (c.req.param("bucket") !== bucket) throw new S3Error("NoSuchBucket", "The specified bucket does not exist");
    return { ...admitted, query: url.searchParams };
  };
  const existing = (c: Context): ObjectInfo => {
    const found = store.find(keyOf(c));
    if (!found) throw new S3Error("NoSuchKey", "The specified key does not exist.");
    return found;
  };

  // Clients name a bucket with a slash behind it or without.
  app.on("GET", ["/:bucket", "/:bucket/"], (c) => {
    const { query } = admit(c);
    return c.body(listObjects(bucket, query, store.list), 200, { "content-type": "application/xml" });
  });
  app.put("/:bucket/:key{.+}", async (c) => {
    const { payloadHash } = admit(c);
    const body = new Uint8Array(await c.req.arrayBuffer());
    const content = readContent(body, payloadHash, (name) => c.req.header(name));
    const type = c.req.header("content-type") ?? "binary/octet-stream";
    const { etag } = await store.put(keyOf(c), content, type);
    return c.body(null, 200, { etag: `"${etag}"` });
  });
  // Hono answers HEAD by the same handler, without the body.
  app.get("/:bucket/:key{.+}", async (c) => {
    admit(c);
    const info = existing(c);
    const content = Buffer.from(await store.read(info.key));
    const range = rangeOf(c.req.header("range"), info.bytes);
    const headers = {
      ...headersOf(info),
      ...(range && { "content-range": `bytes ${range.from}-${range.to}/${info.bytes}` }),
    };
    const body = range ? content.subarray(range.from, range.to + 1) : content;
    return c.body(new Uint8Array(body), range ? 206 : 200, { ...headers, "content-length": String(body.length) });
  });
  app.delete("/:bucket/:key{.+}", async (c) => {
    admit(c);
    await store.remove(keyOf(c));
    return c.body(null, 204);
  });
  app.all("/*", () => {
    throw new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.");
  });
  app.onError((error, c) => {
    const requestId = randomUUID();
    const known = error instanceof S3Error ? error : new S3Error("NotImplemented", "This failed inside the stand-in.");
    return c.body(known.toXml(requestId), known.status, {
      "content-type": "application/xml",
      "x-amz-request-id": requestId,
    });
  });

  return {
    app,
    objects: (prefix = "") => store.list(prefix),
    read: (key) => store.read(key),
    overwrite: async (key, content) => void (await store.put(key, content, "binary/octet-stream")),
    remove: (key) => store.remove(key),
    close: () => store.close(),
  };
}

const keyOf = (c: Context): string => c.req.param("key") ?? "";

const headersOf = ({ etag, contentType, modifiedAt }: ObjectInfo) => ({
  etag: `"${etag}"`,
  "content-type": contentType,
  "last-modified": new Date(modifiedAt).toUTCString(),
  "accept-ranges": "bytes",
});

/** One range, as S3 serves it; undefined where none is asked for. Throws InvalidRange for one outside the object. */
function rangeOf(header: string | undefined, bytes: number): { from: number; to: number } | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const from = first === "" ? Math.max(0, bytes - Number(last)) : Number(first);
  const to = first === "" || last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (from > to) throw new S3Error("InvalidRange", "The requested range is not satisfiable");
  return { from, to };
}

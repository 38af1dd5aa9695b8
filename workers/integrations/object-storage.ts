/** S3-compatible object storage (R2, Hetzner, MinIO): path-style, Signature Version 4. The only holder of its keys. */
import { AwsV4Signer } from "aws4fetch";
import { AppError } from "#schema/domain/errors.ts";
import type { Config } from "../config.ts";

export interface StoredObject {
  key: string;
  bytes: number;
}

/** All throw `upstream_unavailable` if the storage does not answer or refuses. */
export interface ObjectStorage {
  /** Streams `body` to the storage, which refuses content with another SHA-256 (hex): `invalid_request`. */
  put(key: string, body: ReadableStream<Uint8Array>, said: { bytes: number; sha256: string }): Promise<void>;
  /** The content as a stream; undefined if there is none. */
  get(key: string): Promise<ReadableStream<Uint8Array> | undefined>;
  /** All keys with this prefix. */
  list(prefix: string): Promise<StoredObject[]>;
  /** Deleting a missing object succeeds. */
  remove(key: string): Promise<void>;
}

/** Until the response headers. */
const TIMEOUT_MS = 60_000;
const UNSIGNED = "UNSIGNED-PAYLOAD";

type Settings = Pick<
  Config,
  "BACKUP_S3_URL" | "BACKUP_S3_BUCKET" | "BACKUP_S3_REGION" | "BACKUP_S3_ACCESS_KEY_ID" | "BACKUP_S3_SECRET_ACCESS_KEY"
>;

/** Undefined if none is configured: then there are no backups. */
export function openObjectStorage(config: Settings): ObjectStorage | undefined {
  const { BACKUP_S3_URL: url, BACKUP_S3_BUCKET: bucket, BACKUP_S3_REGION: region } = config;
  const { BACKUP_S3_ACCESS_KEY_ID: accessKeyId, BACKUP_S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
  if (!url || !bucket || !accessKeyId || !secretAccessKey) return undefined;

  const send = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: BodyInit,
  ): Promise<Response> => {
    const keys = { accessKeyId, secretAccessKey, service: "s3", region };
    const signed = await new AwsV4Signer({ method, url: `${url}/${bucket}${path}`, headers, ...keys }).sign();
    try {
      return await fetch(signed.url, {
        method,
        headers: signed.headers,
        body: body ?? null,
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw unavailable(error);
    }
  };
  const ask = (method: string, path: string) => send(method, path, { "x-amz-content-sha256": UNSIGNED });

  return {
    async put(key, body, { bytes, sha256 }) {
      const headers = { "x-amz-content-sha256": sha256, "content-type": "application/octet-stream" };
      // S3 needs the stream's length.
      const response = await send("PUT", `/${key}`, headers, body.pipeThrough(new FixedLengthStream(bytes)));
      const told = response.ok ? "" : await response.text();
      if (told.includes("ContentSHA256Mismatch"))
        throw new AppError("invalid_request", "The part's content does not match its SHA-256");
      if (!response.ok) throw unavailable();
      await response.body?.cancel();
    },
    async get(key) {
      const response = await ask("GET", `/${key}`);
      if (response.ok && response.body) return response.body;
      await response.body?.cancel();
      if (response.status === 404) return undefined;
      throw unavailable();
    },
    async list(prefix) {
      const found: StoredObject[] = [];
      for (let token = ""; ; ) {
        const more = token ? `&continuation-token=${encodeURIComponent(token)}` : "";
        const response = await ask("GET", `/?list-type=2&prefix=${encodeURIComponent(prefix)}${more}`);
        if (!response.ok) throw unavailable();
        const page = readList(await response.text());
        found.push(...page.objects);
        if (!page.next) return found;
        token = page.next;
      }
    },
    async remove(key) {
      const response = await ask("DELETE", `/${key}`);
      await response.body?.cancel();
      if (!response.ok && response.status !== 404) throw unavailable();
    },
  };
}

/** Our keys are ids, digits and slashes, and tokens are base64, so this much XML is enough. */
function readList(xml: string): { objects: StoredObject[]; next: string | undefined } {
  const [, ...entries] = xml.split("<Contents>");
  const objects = entries.map((entry) => ({
    key: /<Key>([^<]*)<\/Key>/.exec(entry)?.[1] ?? "",
    bytes: Number(/<Size>(\d{1,15})<\/Size>/.exec(entry)?.[1]),
  }));
  const next = /<NextContinuationToken>([^<]+)<\/NextContinuationToken>/.exec(xml)?.[1];
  return { objects, next: /<IsTruncated>true</.test(xml) ? next : undefined };
}

const unavailable = (cause?: unknown): AppError =>
  new AppError("upstream_unavailable", "The object storage does not answer", { retryAfter: 5, cause });

/** The stand-in against Amazon's own client, and against aws4fetch, which the edge signs with. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AwsClient } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Served, serve } from "../http/serve.ts";
import { createS3, type S3 } from "./s3.ts";

const KEYS = { accessKeyId: "AKLOCAL", secretAccessKey: "secret/with+odd=characters" };
let s3: S3;
let served: Served;
let client: S3Client;
let late = 0;

const connect = (more: Partial<typeof KEYS> = {}) =>
  new S3Client({
    endpoint: served.url,
    region: "auto",
    credentials: { ...KEYS, ...more },
    forcePathStyle: true,
    maxAttempts: 1,
    // As the edge: what is said of the content is its SHA-256.
    requestChecksumCalculation: "WHEN_REQUIRED",
  });

beforeAll(async () => {
  s3 = await createS3({ ...KEYS, bucket: "boxes", now: () => Date.now() + late });
  served = await serve(s3.app);
  client = connect();
});
afterAll(async () => {
  client.destroy();
  await served.close();
  await s3.close();
});

const at = (key: string) => ({ Bucket: "boxes", Key: key });
const codeOf = (attempt: Promise<unknown>): Promise<string> => attempt.then(String, (error: Error) => error.name);

describe("Amazon's client", () => {
  test("puts, gets and deletes, whatever the key's characters", async () => {
    const key = "a b/ü+=&~(1)*'!.bin";
    const body = randomBytes(300_000);
    await client.send(new PutObjectCommand({ ...at(key), Body: body }));
    const got = await client.send(new GetObjectCommand(at(key)));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
    await client.send(new DeleteObjectCommand(at(key)));
    await client.send(new DeleteObjectCommand(at(key)));
    expect(await codeOf(client.send(new GetObjectCommand(at(key))))).toBe("NoSuchKey");
  });

  test("lists by prefix in the order of bytes, page by page", async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `b${String(index).padStart(3, "0")}`);
    for (const name of ["é", "a&<", ...names, "Z"]) await s3.overwrite(`list/${name}`, Buffer.from(name));
    const list = (more = {}) => client.send(new ListObjectsV2Command({ Bucket: "boxes", Prefix: "list/", ...more }));
    const first = await list();
    expect([first.IsTruncated, first.Contents?.length]).toEqual([true, 1_000]);
    const second = await list({ ContinuationToken: first.NextContinuationToken });
    expect([second.IsTruncated, second.Contents?.length]).toEqual([false, 3]);
    const all = [...(first.Contents ?? []), ...(second.Contents ?? [])];
    expect(all.map(({ Key }) => Key)).toEqual(["Z", "a&<", ...names, "é"].map((name) => `list/${name}`));
    expect(all.at(-1)?.Size).toBe(2);
    expect(await codeOf(list({ Delimiter: "/" }))).toBe("NotImplemented");
  });

  test("is refused with a wrong secret, an unknown key, another bucket, a clock that is off by more than a quarter of an hour", async () => {
    const list = new ListObjectsV2Command({ Bucket: "boxes" });
    expect(await codeOf(connect({ secretAccessKey: "other" }).send(list))).toBe("SignatureDoesNotMatch");
    expect(await codeOf(connect({ accessKeyId: "other" }).send(list))).toBe("InvalidAccessKeyId");
    expect(await codeOf(client.send(new ListObjectsV2Command({ Bucket: "others" })))).toBe("NoSuchBucket");
    late = 16 * 60_000;
    const code = await codeOf(client.send(list));
    late = 0;
    expect(code).toBe("RequestTimeTooSkewed");
  });
});

describe("aws4fetch", () => {
  const aws = new AwsClient({ ...KEYS, service: "s3", region: "auto", retries: 0 });
  const url = (key: string) => `${served.url}/boxes/${key}`;

  test("signs a PUT whose content is named, and another content is refused", async () => {
    const named = { "x-amz-content-sha256": createHash("sha256").update("test").digest("hex") };
    expect((await aws.fetch(url("named"), { method: "PUT", headers: named, body: "test" })).status).toBe(200);
    const other = await aws.fetch(url("named"), { method: "PUT", headers: named, body: "tesT" });
    expect([other.status, await other.text()]).toEqual([400, expect.stringContaining("XAmzContentSHA256Mismatch")]);
    expect(Buffer.from(await s3.read("named")).toString()).toBe("test");
  });

  test("a signature is good for its method and address alone, and without one nothing is answered", async () => {
    const { headers } = await aws.sign(url("named"), { headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } });
    const statusOf = async (key: string, init: RequestInit) => (await fetch(url(key), init)).status;
    expect(await statusOf("named", { headers })).toBe(200);
    expect(await statusOf("other", { headers })).toBe(403);
    expect(await statusOf("named", { method: "DELETE", headers })).toBe(403);
    expect([await statusOf("named", {}), await statusOf("", {})]).toEqual([403, 403]);
  });
});

test("objects outlive a restart where they have a folder", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "s3-test-"));
  const first = await createS3({ ...KEYS, bucket: "boxes", dataDir });
  await first.overwrite("kept/1", Buffer.from("kept"));
  await first.close();
  const second = await createS3({ ...KEYS, bucket: "boxes", dataDir });
  expect(second.objects("kept/")).toEqual([{ key: "kept/1", bytes: 4 }]);
  expect(Buffer.from(await second.read("kept/1")).toString()).toBe("kept");
  const note = readdirSync(dataDir).find((name) => name.endsWith(".json")) ?? "";
  writeFileSync(join(dataDir, note), "");
  await expect(createS3({ ...KEYS, bucket: "boxes", dataDir })).rejects.toThrow(`${note} is damaged: put it back`);
  rmSync(dataDir, { recursive: true });
});

/** The stand-in against Amazon's own client, and against aws4fetch, which the edge signs with. */
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AwsClient } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mount } from "../http/mount.ts";
import { type Served, serve } from "../http/serve.ts";
import { createS3, type S3 } from "./s3.ts";

const KEYS = { accessKeyId: "AKLOCAL", secretAccessKey: "secret/with+odd=characters" };
let s3: S3;
let served: Served;
let client: S3Client;
let clock = () => Date.now();

beforeAll(async () => {
  s3 = await createS3({ ...KEYS, bucket: "boxes", now: () => clock() });
  served = await serve(mount({ s3 }).app);
  client = new S3Client({
    endpoint: `${served.url}/s3`,
    region: "auto",
    credentials: KEYS,
    forcePathStyle: true,
    maxAttempts: 1,
  });
});

afterAll(async () => {
  client.destroy();
  await served.close();
  await s3.close();
});

const at = (key: string) => ({ Bucket: "boxes", Key: key });
const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "accepted",
    (error: Error) => error.name,
  );

describe("Amazon's client", () => {
  test("puts, heads, gets and deletes, whatever the key's characters", async () => {
    const key = "a b/ü+=&~(1)*'!.bin";
    const body = randomBytes(300_000);
    const put = await client.send(new PutObjectCommand({ ...at(key), Body: body, ContentType: "x/y" }));
    const head = await client.send(new HeadObjectCommand(at(key)));
    expect(head).toMatchObject({ ContentLength: body.length, ContentType: "x/y", ETag: put.ETag });
    const got = await client.send(new GetObjectCommand(at(key)));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
    await client.send(new DeleteObjectCommand(at(key)));
    await client.send(new DeleteObjectCommand(at(key)));
    expect(await codeOf(client.send(new GetObjectCommand(at(key))))).toBe("NoSuchKey");
  });

  test("puts a stream, which it sends in chunks with a checksum behind them", async () => {
    const body = randomBytes(200_000);
    const stream = Readable.from([body.subarray(0, 70_000), body.subarray(70_000)]);
    await client.send(new PutObjectCommand({ ...at("streamed"), Body: stream, ContentLength: body.length }));
    expect(Buffer.from(await s3.read("streamed")).equals(body)).toBe(true);
  });

  test("gets a range, and is refused one outside", async () => {
    await client.send(new PutObjectCommand({ ...at("ranged"), Body: "0123456789" }));
    const got = await client.send(new GetObjectCommand({ ...at("ranged"), Range: "bytes=2-4" }));
    expect([await got.Body?.transformToString(), got.ContentRange]).toEqual(["234", "bytes 2-4/10"]);
    const tail = await client.send(new GetObjectCommand({ ...at("ranged"), Range: "bytes=-3" }));
    expect(await tail.Body?.transformToString()).toBe("789");
    expect(await codeOf(client.send(new GetObjectCommand({ ...at("ranged"), Range: "bytes=10-" })))).toBe(
      "InvalidRange",
    );
  });

  test("lists by prefix in the order of bytes, page by page", async () => {
    for (const name of ["b", "a", "Z", "é"])
      await client.send(new PutObjectCommand({ ...at(`list/${name}`), Body: name }));
    const keys: (string | undefined)[] = [];
    for (let token: string | undefined, first = true; first || token; first = false) {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: "boxes", Prefix: "list/", MaxKeys: 3, ContinuationToken: token }),
      );
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
      token = page.NextContinuationToken;
    }
    expect(keys).toEqual(["list/Z", "list/a", "list/b", "list/é"]);
  });

  test("is refused with a wrong secret, an unknown key, another bucket", async () => {
    const as = (more: Partial<typeof KEYS>) =>
      new S3Client({
        endpoint: `${served.url}/s3`,
        region: "auto",
        credentials: { ...KEYS, ...more },
        forcePathStyle: true,
        maxAttempts: 1,
      });
    const list = new ListObjectsV2Command({ Bucket: "boxes" });
    expect(await codeOf(as({ secretAccessKey: "other" }).send(list))).toBe("SignatureDoesNotMatch");
    expect(await codeOf(as({ accessKeyId: "other" }).send(list))).toBe("InvalidAccessKeyId");
    expect(await codeOf(client.send(new ListObjectsV2Command({ Bucket: "others" })))).toBe("NoSuchBucket");
  });

  test("is refused when its clock is off by more than a quarter of an hour", async () => {
    clock = () => Date.now() + 16 * 60_000;
    const late = await codeOf(client.send(new GetObjectCommand(at("ranged"))));
    clock = () => Date.now();
    expect(late).toBe("RequestTimeTooSkewed");
  });
});

describe("aws4fetch", () => {
  const aws = new AwsClient({ ...KEYS, service: "s3", region: "auto", retries: 0 });
  const url = (key: string) => `${served.url}/s3/boxes/${key}`;

  test("signs a PUT whose content is named, and another content is refused", async () => {
    const named = { "x-amz-content-sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" };
    expect((await aws.fetch(url("named"), { method: "PUT", headers: named, body: "test" })).status).toBe(200);
    const other = await aws.fetch(url("named"), { method: "PUT", headers: named, body: "tesT" });
    expect([other.status, await other.text()]).toEqual([400, expect.stringContaining("XAmzContentSHA256Mismatch")]);
    expect(Buffer.from(await s3.read("named")).toString()).toBe("test");
  });

  test("signs addresses, good for this object and method until they expire", async () => {
    const sign = async (method: string, key: string) => {
      const signed = await aws.sign(`${url(key)}?X-Amz-Expires=60`, { method, aws: { signQuery: true } });
      return signed.url;
    };
    expect((await fetch(await sign("PUT", "signed"), { method: "PUT", body: "by address" })).status).toBe(200);
    const address = await sign("GET", "signed");
    expect(await (await fetch(address)).text()).toBe("by address");
    expect((await fetch(address.replace("signed", "named"))).status).toBe(403);
    expect((await fetch(address, { method: "DELETE" })).status).toBe(403);
    clock = () => Date.now() + 61_000;
    const late = await (await fetch(address)).text();
    clock = () => Date.now();
    expect(late).toContain("Request has expired");
  });

  test("a request that nobody signed is refused", async () => {
    expect([(await fetch(url("signed"))).status, (await fetch(url(""))).status]).toEqual([403, 403]);
  });
});

test("objects outlive a restart where they have a folder", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "s3-test-"));
  const first = await createS3({ ...KEYS, bucket: "boxes", dataDir });
  await first.overwrite("kept/1", Buffer.from("kept"));
  await first.close();
  const second = await createS3({ ...KEYS, bucket: "boxes", dataDir });
  expect(second.objects("kept/").map(({ key, bytes }) => [key, bytes])).toEqual([["kept/1", 4]]);
  expect(Buffer.from(await second.read("kept/1")).toString()).toBe("kept");
});

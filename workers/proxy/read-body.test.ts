import { describe, expect, it } from "vitest";
import { MAX_BODY_BYTES, readBody } from "./read-body.ts";

const read = (body: BodyInit | null, headers: Record<string, string> = {}) =>
  readBody(new Request("https://x.example", { method: "POST", body, headers, duplex: "half" } as RequestInit));

/** A body of so many bytes, made as it is read; tells how many were. */
function endless(size: number) {
  let given = 0;
  const chunk = new Uint8Array(1 << 20).fill(32);
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      given += chunk.length;
      if (given > size) controller.close();
      else controller.enqueue(chunk);
    },
  });
  return { stream, given: () => given };
}

describe("readBody", () => {
  it("reads an object, with a byte order mark or without, and counts its bytes", async () => {
    expect(await read('{"a":"é"}')).toEqual({ json: { a: "é" }, bytes: 10 });
    expect((await read('\uFEFF{"a":1}')).json).toEqual({ a: 1 });
  });

  it("takes the last of a doubled key, which is then the only one that goes on", async () => {
    expect((await read('{"model":"a","model":"b"}')).json).toEqual({ model: "b" });
  });

  it.each([
    ["nothing", null],
    ["an empty text", ""],
    ["half an object", '{"a":'],
    ["a list", "[]"],
    ["a number", "7"],
    ["null", "null"],
    ["a NUL", "\0"],
    ["broken UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["a hundred thousand brackets", "[".repeat(100_000)],
  ])("refuses %s", async (_, body) => {
    await expect(read(body)).rejects.toMatchObject({ kind: "invalid_request" });
  });

  it("refuses what is too large, and stops reading soon", async () => {
    const little = endless(MAX_BODY_BYTES + (1 << 20));
    await expect(read(little.stream)).rejects.toMatchObject({ kind: "too_large" });
    const lots = endless(100 * MAX_BODY_BYTES);
    await expect(read(lots.stream)).rejects.toMatchObject({ kind: "too_large" });
    expect(lots.given()).toBeLessThan(3 * MAX_BODY_BYTES);
  });

  it("reads what says its length in one go, and refuses it where that was a lie", async () => {
    expect(await read('{"a":1}', { "content-length": "7" })).toEqual({ json: { a: 1 }, bytes: 7 });
    const liar = endless(MAX_BODY_BYTES + (1 << 20));
    await expect(read(liar.stream, { "content-length": "7" })).rejects.toMatchObject({ kind: "too_large" });
  });

  it("does not begin to read what says itself that it is far too large", async () => {
    const lots = endless(100 * MAX_BODY_BYTES);
    const refused = read(lots.stream, { "content-length": String(100 * MAX_BODY_BYTES) });
    await expect(refused).rejects.toMatchObject({ kind: "too_large" });
    expect(lots.given()).toBeLessThan(4 << 20);
  });
});

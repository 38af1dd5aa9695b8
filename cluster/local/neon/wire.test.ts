import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameReader, fatalError, finalStatus, greeting, message, opening } from "./wire.ts";

/** An untyped message: length, code, then what follows. */
function untyped(code: number, ...rest: string[]): Buffer {
  const body = message("?", Buffer.alloc(4), ...rest).subarray(1);
  body.writeInt32BE(code, 4);
  return body;
}

const startup = untyped(196608, "user", "ada", "");

describe("FrameReader", () => {
  test("gives the same messages however the stream is cut", () => {
    const stream = Buffer.concat([untyped(80877103), startup, message("Q", "select 1"), message("S"), message("X")]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: stream.length - 1 })), (cuts) => {
        const reader = new FrameReader();
        const points = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const frames = points.slice(1).flatMap((end, i) => reader.push(stream.subarray(points[i], end)));
        expect(frames.map((frame) => frame.type)).toEqual(["", "", "Q", "S", "X"]);
        expect(Buffer.concat(frames.map((frame) => frame.bytes))).toEqual(stream);
      }),
    );
  });

  test("refuses a length that can't be", () => {
    const reader = new FrameReader();
    reader.push(startup);
    expect(() => reader.push(Buffer.from([0x51, 0, 0, 0, 3]))).toThrow("impossible message length 3");
    expect(() => new FrameReader().push(Buffer.from([0x7f, 0xff, 0xff, 0xff]))).toThrow("impossible");
  });
});

test("opening messages are told apart", () => {
  const asked = [80877103, 80877104, 80877102, 196608].map((code) => opening({ type: "", bytes: untyped(code) }));
  expect(asked).toEqual(["encryption", "encryption", "cancel", "startup"]);
});

test("the status is read from the end of the output only", () => {
  expect(finalStatus(greeting({ server_version: "18.0" }))).toBe("I");
  expect(finalStatus(Buffer.concat([message("C", "BEGIN"), message("Z", Buffer.from("T"))]))).toBe("T");
  expect(finalStatus(message("C", "SELECT 1"))).toBeUndefined();
  expect(finalStatus(new Uint8Array())).toBeUndefined();
});

test("an error is a list of fields that ends with a zero", () => {
  expect(fatalError("55P03", "wait").toString("latin1")).toBe(
    "E\0\0\0\x23SFATAL\0VFATAL\0C55P03\0Mwait\0\0".replace("\x23", String.fromCharCode(4 + 7 + 7 + 7 + 6 + 1)),
  );
});

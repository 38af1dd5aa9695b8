import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLog, writtenSince } from "./read-log.ts";

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "read-log-"));
  file = join(dir, "gateway.log");
});
afterEach(() => rmSync(dir, { recursive: true }));

async function read(wishes: Parameters<typeof readLog>[1]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLog(file, wishes)) lines.push(line);
  return lines;
}

describe("a log", () => {
  it("is read from its end, over a file that was put aside", async () => {
    writeFileSync(`${file}.1`, "a\nb\n");
    writeFileSync(file, "c\nd\n");
    expect(await read({ tail: 3 })).toEqual(["b", "c", "d"]);
    expect(await read({ tail: 99 })).toEqual(["a", "b", "c", "d"]);
    expect(await read({ tail: 0 })).toEqual([]);
  });

  it("is followed, also when it begins anew, and ends with the signal", async () => {
    writeFileSync(file, "old\n");
    const stop = new AbortController();
    const lines: string[] = [];
    const wait = (line: string) => {
      if (line === "half done") {
        renameSync(file, `${file}.1`);
        writeFileSync(file, "new\n");
      }
      if (line === "new") stop.abort();
    };
    appendFileSync(file, "half ");
    for await (const line of readLog(file, { tail: 1, follow: stop.signal })) {
      lines.push(line);
      wait(line);
      if (lines.length === 1) appendFileSync(file, "done\nhalf done\n");
    }
    expect(lines).toEqual(["half ", "done", "half done", "new"]);
  });
});

describe("since", () => {
  const lines = [
    '{"at":"2026-11-23T10:00:00.000Z","event":"start"}',
    "2026-11-23T10:05:00.000+00:00 [gateway] ready",
    "    at somewhere (file.js:1)",
    "2026-11-23T11:06:00+01:00 later",
  ];
  const from = (time: string) => writtenSince(lines, Date.parse(time));

  it("goes by the times in the lines; what has none belongs to the one before", () => {
    expect(from("2026-11-23T10:05:00Z")).toEqual(lines.slice(1));
    expect(from("2026-11-23T10:05:30Z")).toEqual(lines.slice(3));
    expect(from("2026-11-23T12:00:00Z")).toEqual([]);
    expect(writtenSince(lines, undefined)).toEqual(lines);
  });
});

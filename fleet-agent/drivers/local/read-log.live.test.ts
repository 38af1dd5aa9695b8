import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLog } from "./read-log.ts";

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
  const from = (time: string, tail = 99) => read({ tail, since: Date.parse(time) });

  it.each([0, 1, 2, 3, 4])("goes by the times in the lines, with %i of them in the file before", async (before) => {
    if (before > 0) writeFileSync(`${file}.1`, `${lines.slice(0, before).join("\n")}\n`);
    writeFileSync(
      file,
      lines
        .slice(before)
        .map((line) => `${line}\n`)
        .join(""),
    );
    expect(await from("2026-11-23T10:05:00Z")).toEqual(lines.slice(1));
    expect(await from("2026-11-23T10:05:00Z", 2)).toEqual(lines.slice(2));
    expect(await from("2026-11-23T10:05:30Z")).toEqual(lines.slice(3));
    expect(await from("2026-11-23T12:00:00Z")).toEqual([]);
    expect(await read({ tail: 99 })).toEqual(lines);
  });

  it("begins with a line that has a time", async () => {
    writeFileSync(file, `untimed\n${lines[3]}\nits rest\n`);
    expect(await from("2026-11-23T10:00:00Z")).toEqual([lines[3], "its rest"]);
  });
});

describe("a log of any size", () => {
  it("is read without holding it: 600 MB, of which the end is wished for", async () => {
    writeFileSync(file, "long ago\n");
    truncateSync(file, 600 * 1024 * 1024);
    appendFileSync(file, "\nlast but one\nlast\n");
    expect(await read({ tail: 2 })).toEqual(["last but one", "last"]);
    expect((await read({ tail: 3 }))[0]?.length).toBeLessThanOrEqual(2 * 1024 * 1024);
  });

  it("has the same lines wherever the blocks end that it is read by", async () => {
    const lines = Array.from({ length: 3_000 }, (_, n) => `${n} ${"é\u{1F600}".repeat(n % 40)}`);
    writeFileSync(file, `\n${lines.join("\n\n")}`);
    const all = ["", ...lines.flatMap((line) => ["", line]).slice(1)];
    expect(await read({ tail: 1_000_000 })).toEqual(all);
    for (const tail of [1, 2, 999, 5_000]) expect(await read({ tail })).toEqual(all.slice(-tail));
  });
});

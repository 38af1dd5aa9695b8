import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { refuseDamagedEdge } from "./edge-folder.ts";

let data: string;
let edge: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "edge-folder-"));
  edge = join(data, "edge");
});
afterEach(() => rmSync(data, { recursive: true }));

function objectFile(content?: string): string {
  const file = join(edge, "do/openclaw-cloud-TokenMeter", "an-object.sqlite");
  mkdirSync(join(file, ".."), { recursive: true });
  if (content !== undefined) writeFileSync(file, content);
  return file;
}

test("whole, empty and missing storage passes", () => {
  refuseDamagedEdge(edge);
  const database = new DatabaseSync(objectFile());
  database.exec("create table kept (n)");
  database.close();
  refuseDamagedEdge(edge);
  objectFile("");
  refuseDamagedEdge(edge);
});

test.each(["cut", "\0".repeat(4_096), "neither SQLite nor anything else"])("a file of %j is named", (content) => {
  const file = objectFile(content);
  expect(() => refuseDamagedEdge(edge)).toThrow(
    `${file} is damaged: put it back from a copy, or start afresh: delete ${data}`,
  );
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNeon } from "./neon.ts";

test("a data folder outlives a restart, and only one may have it", async () => {
  const parent = mkdtempSync(join(tmpdir(), "neon-"));
  const dataDir = join(parent, "postgres");
  const first = await createNeon({ connectionString: "postgresql://a:b@c/d", dataDir });
  await first.query("create table kept as select 7 as n");
  await expect(createNeon({ connectionString: "postgresql://a:b@c/d", dataDir })).rejects.toThrow("in use");
  await first.close();
  const second = await createNeon({ connectionString: "postgresql://a:b@c/d", dataDir });
  expect(await second.query("select n from kept")).toEqual([{ n: 7 }]);
  await second.close();
  rmSync(parent, { recursive: true });
});

/** Orders carried out against an edge on loopback: what is backed up is what is put back, and nothing else ever is. */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BackupManifest, StateOrder } from "#schema/contracts/state-transfer.ts";
import { until } from "#tests/harness/until.ts";
import { type Memory, openMemory } from "./memory.ts";
import { sealPart, sha256 } from "./sealed-part.ts";
import { exampleOrder } from "./testing/example-order.ts";
import { type FakeEdge, startFakeEdge, TOKEN } from "./testing/fake-edge.ts";
import { filesIn, newFolder, sampleMemory, turnsIn } from "./testing/sample-memory.ts";

const VERSION = "2026.9.6";
let edge: FakeEdge;
const open: Memory[] = [];

beforeEach(async () => {
  edge = await startFakeEdge();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((memory) => memory.close()));
  edge.close();
});

/** A box with a gateway that only remembers what was done to it. */
function openBox(
  stateDir: string,
  options: { running?: boolean; openclaw?: string; fails?: string; startMs?: number } = {},
) {
  const box = { configDir: newFolder(), stateDir, up: options.running ?? true, seen: [] as string[] };
  const memory: Memory = openMemory({
    boxConfigDir: box.configDir,
    stateDir,
    openclaw: () => options.openclaw ?? VERSION,
    startMs: options.startMs ?? 5_000,
    gateway: {
      stop: async () => {
        box.seen.push("stop");
        box.up = false;
      },
      start: () => {
        if (box.up || memory.reason() !== null) return;
        box.seen.push("start");
        box.up = !(options.fails && memory.isOnTrial());
      },
      isUp: () => box.up,
      trouble: () => (memory.isOnTrial() ? options.fails : undefined),
    },
  });
  open.push(memory);
  return { ...box, memory, isUp: () => box.up };
}

function order(configDir: string, change: Partial<StateOrder>): StateOrder {
  const made = exampleOrder({ url: edge.url, token: TOKEN, ...change });
  writeFileSync(join(configDir, "order.tmp"), JSON.stringify(made));
  renameSync(join(configDir, "order.tmp"), join(configDir, "order.json"));
  return made;
}

const result = (count = 1) =>
  until(`${count} results`, () => edge.results.length >= count && edge.results[count - 1], 20_000);

async function backedUp(word: string): Promise<{ manifest: BackupManifest; key: string; backup_id: string }> {
  const box = openBox(sampleMemory(word));
  const { key, backup_id } = order(box.configDir, { kind: "backup" });
  const stored = await result();
  edge.results.length = 0;
  if (stored.outcome !== "stored") throw new Error(JSON.stringify(stored));
  expect(box.seen).toEqual([]);
  return { manifest: stored.manifest, key, backup_id };
}

describe("a backup", () => {
  test("is put back into an empty box before its gateway starts, byte for byte", async () => {
    const from = await backedUp("pomegranate");
    expect(from.manifest).toMatchObject({ format: 1, openclaw: VERSION, files: 6 });
    expect(from.manifest.parts).toEqual(
      [...edge.parts.values()].map((part) => ({ bytes: part.length, sha256: sha256(part) })),
    );
    const sealed = Buffer.concat([...edge.parts.values()]);
    expect(sha256(sealed)).toBe(from.manifest.sha256);
    expect(sealed.includes("pomegranate")).toBe(false);

    const box = openBox(newFolder(), { running: false });
    order(box.configDir, { kind: "restore", required: true, ...from });
    expect(await result()).toEqual({ outcome: "restored" });
    expect(filesIn(box.stateDir)).toMatchObject({ "workspace/MEMORY.md": "The word is pomegranate." });
    expect(turnsIn(box.stateDir, "state/openclaw.sqlite")).toEqual(["pomegranate"]);
    expect(box.seen).toEqual(["stop", "start"]);
    expect([box.isUp(), existsSync(join(box.stateDir, ".restore"))]).toEqual([true, false]);
  });

  test("takes the place of a living box's memory, and asked again it is not put back twice", async () => {
    const from = await backedUp("first");
    const box = openBox(sampleMemory("second"));
    const made = order(box.configDir, { kind: "restore", ...from });
    expect(await result()).toEqual({ outcome: "restored" });
    writeFileSync(join(box.stateDir, "workspace/MEMORY.md"), "newer");
    order(box.configDir, { ...made, fence: made.fence + 1 });
    expect(await result(2)).toEqual({ outcome: "restored" });
    expect(filesIn(box.stateDir)["workspace/MEMORY.md"]).toBe("newer");
    expect(box.seen).toEqual(["stop", "start"]);
  });

  test("goes on after answers that pass, and ends with words after one that doesn't", async () => {
    edge.failNext = [503, 429];
    await backedUp("patient");
    edge.failNext = [409];
    const box = openBox(sampleMemory("refused"));
    order(box.configDir, { kind: "backup" });
    expect(await result()).toEqual({
      outcome: "failed",
      code: "backup_unusable",
      reason: "The edge answered 409 to the box's transfer",
      retryable: false,
    });
    expect(existsSync(join(box.stateDir, ".backup"))).toBe(false);
  });

  test("can't hang: it is ended in time, and the gateway was never touched", async () => {
    const box = openBox(sampleMemory("slow"));
    edge.silent = true;
    order(box.configDir, { kind: "backup", timeout_seconds: 1 });
    await until("the backup to be under way", () => existsSync(join(box.stateDir, ".backup")));
    await until("the backup to be given up", () => !existsSync(join(box.stateDir, ".backup")), 10_000);
    expect(await result()).toEqual({
      outcome: "failed",
      code: "backup",
      reason: "It took too long and was cancelled",
      retryable: true,
    });
    edge.silent = false;
    order(box.configDir, { kind: "backup", fence: 4 });
    expect(await result(2)).toMatchObject({ outcome: "stored" });
    expect([box.seen, box.isUp()]).toEqual([[], true]);
  });
});

describe("what is not the backup that was made", () => {
  const damages: [string, (from: { manifest: BackupManifest; key: string }) => Partial<BackupManifest> | undefined][] =
    [
      ["a changed byte", () => void (edge.parts.get(0) ?? Buffer.alloc(1)).writeUInt8(1, 40)],
      ["a part cut short", () => void edge.parts.set(0, (edge.parts.get(0) ?? Buffer.alloc(0)).subarray(0, -1))],
      ["a missing part", () => void edge.parts.delete(0)],
      [
        "a backup that ends early, whatever its list says",
        ({ manifest, key }) => {
          const part = sealPart(
            Buffer.from(key, "base64"),
            { backupId: exampleOrder().backup_id, index: 0, isLast: false },
            Buffer.from("x"),
          );
          edge.parts.set(0, part);
          return { ...manifest, parts: [{ bytes: part.length, sha256: sha256(part) }] };
        },
      ],
      [
        "sealed noise",
        ({ manifest, key }) => {
          const part = sealPart(
            Buffer.from(key, "base64"),
            { backupId: exampleOrder().backup_id, index: 0, isLast: true },
            Buffer.alloc(9_999, 7),
          );
          edge.parts.set(0, part);
          return { ...manifest, parts: [{ bytes: part.length, sha256: sha256(part) }] };
        },
      ],
      ["more than it says", ({ manifest }) => ({ ...manifest, plain_bytes: 100 })],
    ];

  test.each(damages)("%s: refused with words, and the box goes on untouched", async (_, damage) => {
    const from = await backedUp("good");
    const changed = damage(from);
    const manifest = { ...from.manifest, ...changed };
    const box = openBox(sampleMemory("mine"));
    const before = filesIn(box.stateDir);
    order(box.configDir, { kind: "restore", ...from, manifest });
    const refused = await result();
    expect(refused).toMatchObject({ outcome: "failed", retryable: false });
    expect(refused.outcome === "failed" && refused.reason).toMatch(/damaged|answered 404/);
    expect(filesIn(box.stateDir)).toEqual(before);
    expect([box.seen, box.isUp(), existsSync(join(box.stateDir, ".restore"))]).toEqual([[], true, false]);
  });

  test("a backup of a newer OpenClaw is refused with words", async () => {
    const from = await backedUp("new");
    const box = openBox(sampleMemory("mine"), { openclaw: "2026.8.30" });
    order(box.configDir, { kind: "restore", ...from });
    expect(await result()).toEqual({
      outcome: "failed",
      code: "backup_unusable",
      reason:
        "The backup was made by OpenClaw 2026.9.6, and this box runs 2026.8.30, which can't read it: give the box a newer image first",
      retryable: false,
    });
    expect(box.seen).toEqual([]);
  });
});

test("a backup that the volume has no room for is refused for good, with the margin that is kept free", async () => {
  const from = await backedUp("large");
  const box = openBox(sampleMemory("mine"));
  order(box.configDir, { kind: "restore", ...from, manifest: { ...from.manifest, plain_bytes: 2 ** 50 } });
  expect(await result()).toEqual({
    outcome: "failed",
    code: "backup_no_room",
    reason: expect.stringMatching(
      /^The backup needs 1073741824 MiB, and 64 more are kept free: the volume has \d+ left\. Make room/,
    ),
    retryable: false,
  });
  expect(box.seen).toEqual([]);
});

describe("a box that can't work with the memory", () => {
  test("has its old one back, and works", async () => {
    const from = await backedUp("bad");
    const box = openBox(sampleMemory("mine"), { fails: "exited with 1" });
    const before = filesIn(box.stateDir);
    order(box.configDir, { kind: "restore", ...from });
    expect(await result()).toMatchObject({
      outcome: "failed",
      reason: "The agent does not start with the backup's memory: exited with 1",
    });
    expect(filesIn(box.stateDir)).toEqual(before);
    expect([box.seen, box.isUp()]).toEqual([["stop", "start", "stop", "start"], true]);
  });

  test("made to hold it, does not start without it, and says why; another attempt may bring it", async () => {
    const from = await backedUp("origin");
    const good = edge.parts.get(0) ?? Buffer.alloc(0);
    edge.parts.set(0, good.subarray(1));
    const box = openBox(newFolder(), { running: false });
    const made = order(box.configDir, { kind: "restore", required: true, ...from });
    expect(await result()).toMatchObject({ outcome: "failed" });
    expect([box.seen, box.memory.reason()?.words]).toEqual([
      [],
      "its backup could not be restored: The backup is damaged: its part 1 differs from what was stored",
    ]);
    edge.parts.set(0, good);
    order(box.configDir, { ...made, fence: made.fence + 1 });
    expect(await result(2)).toEqual({ outcome: "restored" });
    expect(box.isUp()).toBe(true);
  });
});

test("an order that is taken back ends what is under way", async () => {
  const box = openBox(newFolder(), { running: false });
  edge.silent = true;
  order(box.configDir, { kind: "restore" });
  await until("the restore to be under way", () => existsSync(join(box.stateDir, ".restore")));
  rmSync(join(box.configDir, "order.json"));
  await until("the gateway to start", () => box.isUp());
  expect(existsSync(join(box.stateDir, ".restore"))).toBe(false);
});

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildLayer, type LayerPlan, unpackLayers } from "./layer.ts";
import type { Tree } from "./tar.ts";

const folder = () => mkdtempSync(join(tmpdir(), "layer-"));

function smallRoot(): string {
  const dir = folder();
  mkdirSync(join(dir, "usr/bin"), { recursive: true });
  writeFileSync(join(dir, "usr/bin/tool"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(dir, "usr/bin/tool.map"), "{}");
  symlinkSync("usr/bin", join(dir, "bin"));
  symlinkSync("/usr/bin/tool", join(dir, "usr/bin/absolute"));
  return dir;
}

const plan = (tree: Tree, key = "1"): LayerPlan => ({ name: "small", key, make: async () => tree });

test("the same content is the same layer, whenever and wherever it was made", async () => {
  const [one, two] = [smallRoot(), smallRoot()];
  utimesSync(join(two, "usr/bin/tool"), 1, 1);
  const first = await buildLayer(plan({ dir: one, prefix: "" }), folder());
  const second = await buildLayer(plan({ dir: two, prefix: "" }), folder());
  expect([second.digest, second.diffId, second.size]).toEqual([first.digest, first.diffId, first.size]);
  expect(first.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(first.diffId).not.toBe(first.digest);
});

test("a layer of the same key comes from the cache", async () => {
  const cache = folder();
  const first = await buildLayer(plan({ dir: smallRoot(), prefix: "" }), cache);
  const again = await buildLayer(
    { ...plan({ dir: "", prefix: "" }), make: () => Promise.reject(new Error("not again")) },
    cache,
  );
  expect(again).toEqual({ ...first, cached: true });
  expect(readdirSync(cache).some((name) => name.includes("scratch") || name.endsWith(".tmp"))).toBe(false);
});

test("files, modes and links come out as they went in, below the prefix, without what is excluded", async () => {
  const layer = await buildLayer(plan({ dir: smallRoot(), prefix: "opt/a", exclude: ["*.map"] }), folder());
  const out = folder();
  await unpackLayers([layer], out);
  const root = join(out, "opt/a");
  expect(readFileSync(join(root, "usr/bin/tool"), "utf8")).toBe("#!/bin/sh\n");
  expect(statSync(join(root, "usr/bin/tool")).mode & 0o777).toBe(0o755);
  expect(readlinkSync(join(root, "bin"))).toBe("usr/bin");
  expect(readlinkSync(join(root, "usr/bin/absolute"))).toBe("/usr/bin/tool");
  expect(existsSync(join(root, "usr/bin/tool.map"))).toBe(false);
});

test("a later layer's folder does not replace a linked one below it", async () => {
  const above = folder();
  mkdirSync(join(above, "bin"));
  writeFileSync(join(above, "bin/second"), "");
  const layers = [
    await buildLayer(plan({ dir: smallRoot(), prefix: "" }), folder()),
    await buildLayer(plan({ dir: above, prefix: "" }), folder()),
  ];
  const out = folder();
  await unpackLayers(layers, out);
  expect(readdirSync(join(out, "usr/bin")).sort()).toEqual(["absolute", "second", "tool", "tool.map"]);
});

test("what tar can't read fails the build and leaves no layer", async () => {
  const cache = folder();
  await expect(buildLayer(plan({ dir: join(cache, "nowhere"), prefix: "" }), cache)).rejects.toThrow(
    /tar failed: .*nowhere/,
  );
  expect(readdirSync(cache)).toEqual([]);
});

import { expect, test } from "vitest";
import { openClawLayer } from "./programs.ts";

test("OpenClaw's layer is that of the pin, below /opt/openclaw, without what only tools for authors read", async () => {
  const tree = await openClawLayer("/cache/openclaw-1.0.0-abc").make("/scratch");
  expect(tree).toMatchObject({ dir: "/cache/openclaw-1.0.0-abc", prefix: "opt/openclaw", names: ["node_modules"] });
  expect(tree.exclude).toContain("*.d.ts");
});

test("another lock file is another layer, the same one from elsewhere is not", () => {
  const key = (folder: string) => openClawLayer(folder).key;
  expect(key("/a/openclaw-1.0.0-abc")).not.toBe(key("/a/openclaw-1.0.0-abd"));
  expect(key("/a/openclaw-1.0.0-abc")).toBe(key("/b/openclaw-1.0.0-abc"));
});

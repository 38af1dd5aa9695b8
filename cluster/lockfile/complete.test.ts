import { describe, expect, test } from "vitest";
import { complete, platformOf } from "./complete.ts";

describe("the platform a package name tells of", () => {
  test.each([
    ["@cloudflare/workerd-darwin-64", { os: ["darwin"], cpu: ["x64"] }],
    ["@cloudflare/workerd-windows-64", { os: ["win32"], cpu: ["x64"] }],
    ["@biomejs/cli-linux-arm64-musl", { os: ["linux"], cpu: ["arm64"], libc: ["musl"] }],
    ["@tailwindcss/oxide-linux-x64-gnu", { os: ["linux"], cpu: ["x64"], libc: ["glibc"] }],
    ["@tailwindcss/oxide-wasm32-wasi", { cpu: ["wasm32"] }],
  ])("%s", (name, platform) => expect(platformOf(name)).toEqual(platform));
});

describe("complete", () => {
  test("adds what no folder above the dependant holds, once", () => {
    const packages = {
      "": { optionalDependencies: { "tool-linux-x64": "1.0.0" } },
      "node_modules/tool-linux-x64": { version: "1.0.0" },
      "node_modules/a": { optionalDependencies: { "a-darwin-arm64": "2.0.0", "tool-linux-x64": "1.0.0" } },
      "node_modules/a/node_modules/b": { optionalDependencies: { "b-linux-x64": "3.0.0", ranged: "^1.0.0" } },
      "node_modules/a/node_modules/b-linux-x64": { version: "3.0.0" },
    };
    expect(complete(packages)).toEqual(["a-darwin-arm64@2.0.0"]);
    expect(packages).toHaveProperty(["node_modules/a-darwin-arm64"], {
      version: "2.0.0",
      optional: true,
      os: ["darwin"],
      cpu: ["arm64"],
    });
    expect(complete(packages)).toEqual([]);
  });
});

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildLayer, unpackLayers } from "../oci/layer.ts";
import { AGENT_MAIN, agentLayers } from "./agent.ts";
import { programFiles } from "./program-files.ts";

let root: string;
const members: string[] = [];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "agent-image-"));
  const layers = [];
  for (const plan of agentLayers(resolve(import.meta.dirname, "../../.."))) {
    layers.push(await buildLayer(plan, join(root, "cache")));
  }
  for (const { file } of layers) {
    const archive = zstdDecompressSync(readFileSync(file));
    const names = execFileSync("tar", ["--list", "--file=-"], {
      input: archive,
      maxBuffer: 64 << 20,
      encoding: "utf8",
    });
    members.push(
      ...names
        .trim()
        .split("\n")
        .filter((name) => !name.endsWith("/")),
    );
  }
  mkdirSync(join(root, "image"));
  await unpackLayers(layers, join(root, "image"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const run = (args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [join(root, "image", AGENT_MAIN), ...args], { env, encoding: "utf8" });

const KEY = JSON.stringify({ kty: "OKP", crv: "Ed25519", kid: "k", x: "eA", d: "ZA" });
const KUBE = {
  EDGE_URL: "https://edge.invalid",
  CLUSTER_ID: "c1",
  AGENT_KEY: KEY,
  DRIVER: "kube",
  GATEWAY_IMAGE: `gateway@sha256:${"0".repeat(64)}`,
  EDGE_CIDRS: '[{"cidr":"203.0.113.0/24"}]',
};

describe("the agent's layers", () => {
  test("hold a program that runs without the repository, and says what it lacks", () => {
    const { status, stderr } = run(["run"], { DRIVER: "kube" });
    expect(stderr).toContain("EDGE_URL: is missing");
    expect(status).toBeGreaterThan(0);
  });

  test.each([
    ["in a pod", { KUBERNETES_SERVICE_HOST: "127.0.0.1", SERVICE_ACCOUNT_DIR: "/nowhere" }, "/nowhere/"],
    ["by a kubeconfig", { KUBECONFIG: "/nowhere/kubeconfig" }, "/nowhere/kubeconfig"],
  ])(
    "load all that the driver needs %s",
    (_, more, expected) => {
      const { stderr } = run(["run"], { ...KUBE, ...more });
      expect(stderr).toContain(expected);
      expect(stderr).not.toContain("ERR_MODULE_NOT_FOUND");
    },
    90_000,
  );

  test("hold each file once", () => {
    expect(members.length).toBeGreaterThan(500);
    expect(new Set(members).size).toBe(members.length);
  });

  test("hold no test, no type and nothing of the edge", () => {
    const names = readdirSync(join(root, "image"), { recursive: true, encoding: "utf8" });
    const ours = names.filter((name) => !name.includes("node_modules"));
    expect(ours.filter((name) => /test|testing|\.ts$|workers\/|site\//.test(name))).toEqual([]);
    expect(names.filter((name) => name.endsWith(".ts") || name.includes("@types"))).toEqual([]);
    expect(existsSync(join(root, "image/opt/fleet-agent/node_modules/drizzle-orm"))).toBe(false);
  });
});

test("imports are followed, types are not; what is not there is named", () => {
  const folder = join(root, "small");
  mkdirSync(join(folder, "schema"), { recursive: true });
  const files = {
    "main.ts": 'import { a } from "#schema/a.ts";\nimport type { T } from "./types.ts";\nexport const x: T = a;\n',
    "schema/a.ts": 'import { z } from "zod/mini";\nexport const a = () => import("../later.ts").then(() => z);\n',
    "later.ts": 'import "@scope/name/part";\nimport "node:fs";\nconst words = `away from "here now"`;\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { modules, packages } = programFiles(folder, "main.ts");
  expect([...modules.keys()]).toEqual(["main.js", "schema/a.js", "later.js"]);
  expect([...packages]).toEqual(["zod", "@scope/name"]);
  expect(modules.get("schema/a.js")).toContain('import("../later.js")');
  writeFileSync(join(folder, "later.ts"), 'import "./gone.ts";');
  expect(() => programFiles(folder, "main.ts")).toThrow("later.ts imports ./gone.ts, which is not there");
});

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildLayer, unpackLayers } from "../oci/layer.ts";
import { AGENT_MAIN, agentLayer } from "./own-programs.ts";

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "agent-image-"));
  await unpackLayers([await buildLayer(agentLayer(), join(root, "cache"))], root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const run = (args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [join(root, AGENT_MAIN), ...args], { env, encoding: "utf8" });

const KEY = JSON.stringify({ kty: "OKP", crv: "Ed25519", kid: "k", x: "eA", d: "ZA" });
const KUBE = {
  EDGE_URL: "https://edge.invalid",
  CLUSTER_ID: "c1",
  AGENT_KEY: KEY,
  DRIVER: "kube",
  GATEWAY_IMAGE: `gateway@sha256:${"0".repeat(64)}`,
  EDGE_CIDRS: '[{"cidr":"203.0.113.0/24"}]',
};

describe("the agent's layer", () => {
  test("holds a program that runs without the repository, and says what it lacks", () => {
    const { status, stderr } = run(["run"], { DRIVER: "kube" });
    expect(stderr).toContain("EDGE_URL: is missing");
    expect(status).toBeGreaterThan(0);
  });

  test.each([
    ["in a pod", { KUBERNETES_SERVICE_HOST: "127.0.0.1", SERVICE_ACCOUNT_DIR: "/nowhere" }, "/nowhere/"],
    ["by a kubeconfig", { KUBECONFIG: "/nowhere/kubeconfig" }, "/nowhere/kubeconfig"],
  ])(
    "loads all that the driver needs %s",
    (_, more, expected) => {
      const { stderr } = run(["run"], { ...KUBE, ...more });
      expect(stderr).toContain(expected);
      expect(stderr).not.toContain("ERR_MODULE_NOT_FOUND");
    },
    90_000,
  );

  test("holds JavaScript only, and nothing of the edge", () => {
    const files = readdirSync(join(root, "opt/fleet-agent"));
    expect(files).toContain("main.js");
    expect(files.filter((name) => !name.endsWith(".js"))).toEqual(["package.json"]);
    for (const name of files) {
      expect(readFileSync(join(root, "opt/fleet-agent", name), "utf8")).not.toContain("drizzle");
    }
  });
});

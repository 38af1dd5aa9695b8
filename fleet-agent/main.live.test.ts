import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { newId } from "#schema/domain/ids.ts";
import { runCommand, startCommand } from "#tests/harness/command-line.ts";
import { until } from "#tests/harness/until.ts";
import { startFakeEdge } from "./testing/fake-edge.ts";

const KUBE = { GATEWAY_IMAGE: "gateway@sha256:1", EDGE_CIDRS: '[{"cidr":"203.0.113.0/24"}]' };

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "fleet-agent-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe("fleet-agent", () => {
  it("shows what there is", async () => {
    const { code, out } = await runCommand(["run", "--help"]);
    expect(code).toBe(0);
    for (const name of ["EDGE_URL", "CLUSTER_ID", "AGENT_KEY", "GATEWAY_IMAGE", "STATE_ROOT"])
      expect(out).toContain(name);
  });

  it("says what is missing, without a stack", async () => {
    const { code, err } = await runCommand(["run"]);
    expect(code).toBe(2);
    expect(err).toContain("EDGE_URL: is missing");
    expect(err).not.toContain("at ");
  });

  it("knows its commands", async () => {
    const { code, err } = await runCommand(["rum"]);
    expect(code).toBe(2);
    expect(err).toContain("Did you mean run?");
  });
});

describe("fleet-agent run", () => {
  it("connects, logs JSON without its key, and ends well on SIGTERM", async () => {
    const edge = await startFakeEdge();
    const env = {
      EDGE_URL: edge.url,
      CLUSTER_ID: "c1",
      AGENT_KEY: JSON.stringify(edge.key),
      STATE_ROOT: join(dir, "boxes"),
    };
    const { child, ended } = startCommand(["run"], env);
    await until("hello", () => edge.heard.length === 1);
    child.kill("SIGTERM");
    const { code, out } = await ended;
    await edge.close();
    expect(code).toBe(0);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({ program: "fleet-agent", msg: "the agent has stopped" });
    expect(out).not.toContain(edge.key.d);
  });
});

describe("fleet-agent desired", () => {
  const box_id = newId();
  const file = () => {
    const path = join(dir, "box.json");
    writeFileSync(path, JSON.stringify(sampleConfig({ box_id, generation: 3 })));
    return path;
  };

  it("prints the objects of a box as a list for kubectl", async () => {
    const { code, out } = await runCommand(["desired", "--file", file(), "--tier", "pro", "--fence", "9"], KUBE);
    expect(code).toBe(0);
    const { kind, items } = JSON.parse(out);
    expect(kind).toBe("List");
    expect(items.map((item: { kind: string }) => item.kind)).toEqual([
      "Namespace",
      "ResourceQuota",
      "LimitRange",
      "NetworkPolicy",
      "ServiceAccount",
      "Secret",
      "PersistentVolumeClaim",
      "Deployment",
    ]);
    expect(items[0].metadata).toMatchObject({ name: `customer-${box_id}`, annotations: { "fleet/fence": "9" } });
  });

  it("says what is wrong with a file or an option", async () => {
    const broken = join(dir, "broken.json");
    writeFileSync(broken, JSON.stringify({ box_id }));
    const { err } = await runCommand(["desired", "--file", broken], KUBE);
    expect(err).toContain("is not a box.json");
    expect((await runCommand(["desired", "--file", file(), "--tier", "gold"], KUBE)).err).toContain(
      "starter, pro, team",
    );
  });
});

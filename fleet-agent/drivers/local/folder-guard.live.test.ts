import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CHANGES_PATH, ChangesUndone } from "#schema/contracts/changes-undone.ts";
import { ORDER_FILE } from "#schema/contracts/state-transfer.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { until } from "#tests/harness/until.ts";
import { createLog } from "../../log.ts";
import { type BoxFolder, boxFolder } from "./box-folder.ts";
import { type FolderGuard, guardFolder } from "./folder-guard.ts";

const TOKEN = "the-boxs-token";
let edge: Server;
let told: string[] = [];
let root: string;
let folder: BoxFolder;
let guard: FolderGuard;

beforeEach(async () => {
  told = [];
  edge = createServer(async (request, response) => {
    const { files } = ChangesUndone.parse(JSON.parse((await request.toArray()).join("")));
    if (request.url === CHANGES_PATH && request.headers.authorization === `Bearer ${TOKEN}`) told.push(...files);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => edge.listen(0, "127.0.0.1", resolve));
  const base_url = `http://127.0.0.1:${(edge.address() as AddressInfo).port}/v1`;
  root = mkdtempSync(join(tmpdir(), "folder-guard-"));
  folder = boxFolder(root, "3f2a91c4-0000-4000-8000-000000000000");
  folder.create();
  folder.writeConfig(JSON.stringify(sampleConfig({ proxy: { base_url, token: TOKEN } })));
  folder.remember({ fence: 3, status: "active", tier: "starter", restart_token: "0" });
  guard = guardFolder(folder, createLog("silent"));
  guard.hold();
});
afterEach(async () => {
  await guard.close();
  edge.close();
  rmSync(root, { recursive: true, force: true });
});

test("a box's own agent can't let others in, nor take itself from its operators", async () => {
  const [config = "", , memory = ""] = folder.owned;
  const ours = readFileSync(config, "utf8");
  writeFileSync(config, ours.replace(/"allow_from":\[[^\]]*\]/, '"allow_from":["*"]'));
  writeFileSync(memory, JSON.stringify({ ...folder.remembered(), fence: 1e12 }));
  await until("the configuration to be put right", () => readFileSync(config, "utf8") === ours);
  await until("its memory to be put right", () => folder.remembered()?.fence === 3);
  await until("both to be told", () => told.includes("box.json"));
});

test("an order that nobody gave is removed, and one that was given stays", async () => {
  const order = join(folder.configDir, ORDER_FILE);
  writeFileSync(order, '{ "kind": "restore", "url": "http://127.0.0.1:9" }');
  await until("the order to be gone", () => !existsSync(order));
  folder.writeOrder("{}");
  guard.hold();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(readFileSync(order, "utf8")).toBe("{}");
});

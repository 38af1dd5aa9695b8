import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { OperatorFile } from "#schema/contracts/operator-file.ts";
import { readLocalConfig } from "./config.ts";
import { writeOperatorFile } from "./operator-file.ts";
import { readIfThere } from "./private-file.ts";
import { localSecrets } from "./secrets.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "operator-file-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const written = async (environment: Record<string, string>) => {
  const secrets = await localSecrets();
  writeOperatorFile(dir, { url: "http://127.0.0.1:8787", secrets }, readLocalConfig(environment));
  const file = OperatorFile.parse(JSON.parse(readIfThere(join(dir, "operator.json"))?.toString() ?? ""));
  return { file, secrets };
};

it("tells the command line where the edge is and by which key, for its owner's eyes only", async () => {
  const { file, secrets } = await written({});
  expect(file).toEqual({
    edge_url: "http://127.0.0.1:8787",
    operator_key: secrets.operatorKey,
    state_root: join(dir, "boxes"),
  });
  expect(statSync(join(dir, "operator.json")).mode & 0o777).toBe(0o600);
});

it("names the cluster where boxes are pods", async () => {
  const { file } = await written({ KUBECONFIG: "/etc/k.yaml", GATEWAY_IMAGE: "gateway:1", HOST: "10.1.2.3" });
  expect(file).toMatchObject({ kubeconfig: "/etc/k.yaml" });
  expect(file.state_root).toBeUndefined();
});

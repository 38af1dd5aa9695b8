import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OperatorFile } from "#schema/contracts/operator-file.ts";
import { readLocalConfig } from "./config.ts";
import { writeOperatorFile } from "./operator-file.ts";
import { localSecrets } from "./secrets.ts";

const url = "http://127.0.0.1:8787";

test("tells the command line where the edge is, by which key, and where boxes are, for its owner's eyes only", async () => {
  const dir = mkdtempSync(join(tmpdir(), "operator-file-"));
  const file = join(dir, "operator.json");
  const secrets = await localSecrets();
  const written = (environment: Record<string, string>) => {
    writeOperatorFile(dir, { url, secrets }, readLocalConfig(environment));
    return OperatorFile.parse(JSON.parse(readFileSync(file, "utf8")));
  };
  const edge = { edge_url: url, operator_key: secrets.operatorKey };
  expect(written({})).toEqual({ ...edge, state_root: join(dir, "boxes") });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const cluster = { KUBECONFIG: "/etc/k.yaml", GATEWAY_IMAGE: "gateway:1", HOST: "10.1.2.3" };
  expect(written(cluster)).toEqual({ ...edge, kubeconfig: "/etc/k.yaml" });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeApiServer, startFakeApiServer } from "../../testing/fake-api-server.ts";
import { openClusterAccess } from "./cluster-access.ts";
import { connectKube } from "./kube-client.ts";

let folder: string;
let server: FakeApiServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "service-account-"));
  writeFileSync(join(folder, "ca.crt"), "");
  server = await startFakeApiServer();
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

const access = () => openClusterAccess({ server: server.config.getCurrentCluster()?.server ?? "", folder });

test("asks with the token that is mounted now", async () => {
  for (const token of ["first", "second"]) {
    writeFileSync(join(folder, "token"), `${token}\n`);
    const client = await connectKube(await access());
    await client.json({ method: "GET", path: "/api/v1/pods" });
    await client.close();
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${token}`);
  }
});

test("says so where no token is mounted", async () => {
  await expect(connectKube(await access())).rejects.toThrow("token");
});

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "#cluster/system/free-port.ts";
import { writePidFile } from "#cluster/system/pid-file.ts";
import { refuseTakenPorts } from "./ports.ts";

const HOST = "127.0.0.1";
let taken: Server;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ports-"));
});
afterEach(() => {
  taken?.close();
  rmSync(folder, { recursive: true });
});

/** Listens and gives the port before, so that the second of the pair is the taken one. */
async function takeOne(): Promise<number> {
  taken = createServer().listen(0, HOST);
  await once(taken, "listening");
  const address = taken.address();
  return typeof address === "object" && address ? address.port : 0;
}

test("a free pair passes, and so does 0", async () => {
  await refuseTakenPorts(HOST, 0, "nowhere");
  const port = await freePort(HOST);
  await refuseTakenPorts(HOST, port, "nowhere");
});

test("a taken port is named, with another to choose", async () => {
  const port = await takeOne();
  await expect(refuseTakenPorts(HOST, port, join(folder, "none"))).rejects.toThrow(
    `127.0.0.1:${port} is in use. End the program that listens there, or choose another port: PORT=${port + 10} npm start`,
  );
});

test("our own process is named where it holds the data folder", async () => {
  const port = await takeOne();
  const lock = join(folder, "postgres.lock");
  writePidFile(lock, process.pid);
  await expect(refuseTakenPorts(HOST, port, lock)).rejects.toThrow(`end process ${process.pid} first`);
});

test("the services' port counts too", async () => {
  const port = await takeOne();
  await expect(refuseTakenPorts(HOST, port - 1, join(folder, "none"))).rejects.toThrow(`127.0.0.1:${port} is in use`);
});

test("an address that isn't ours is told as such", async () => {
  await expect(refuseTakenPorts("192.0.2.1", 8787, "nowhere")).rejects.toThrow("192.0.2.1:8787 can't be used");
});

import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { freePort, tryPort } from "#cluster/system/free-port.ts";
import { writePidFile } from "#cluster/system/pid-file.ts";
import { until } from "#tests/harness/until.ts";
import { addresses, refuseTakenPorts } from "./ports.ts";

const HOST = "127.0.0.1";
const lock = join(mkdtempSync(join(tmpdir(), "ports-")), "postgres.lock");
let taken: Server | undefined;
afterEach(() => {
  taken?.close();
});

async function takeOne(): Promise<number> {
  taken = createServer().listen(0, HOST);
  await once(taken, "listening");
  const address = taken.address();
  return typeof address === "object" && address ? address.port : 0;
}

test("pods reach the edge and Telegram, and nothing else; what people open keeps its port", () => {
  const { edge, telegram, ...others } = addresses({ HOST: "10.1.2.3", PORT: 8787 });
  expect([edge, telegram]).toEqual([
    { host: "10.1.2.3", port: 8787 },
    { host: "10.1.2.3", port: 8788 },
  ]);
  expect(new Set(Object.values(others).map(({ host }) => host))).toEqual(new Set(["127.0.0.1"]));
  expect([others.chats, others.mail, others.qstash].map(({ port }) => port)).toEqual([8789, 8790, 8791]);
  for (const { port } of Object.values(addresses({ HOST, PORT: 0 }))) expect(port).toBe(0);
});

test("free ports pass, and so does 0", async () => {
  await refuseTakenPorts({ HOST, PORT: 0 }, lock);
  const PORT = await until("five free ports in a row", async () => {
    const first = await freePort(HOST);
    const row = [1, 2, 3, 4].map((offset) => tryPort(HOST, first + offset));
    return (await Promise.allSettled(row)).every(({ status }) => status === "fulfilled") && first;
  });
  await refuseTakenPorts({ HOST, PORT }, lock);
});

test("a taken port is named, with others to choose, or our own process where it holds the data folder", async () => {
  const PORT = await takeOne();
  await expect(refuseTakenPorts({ HOST, PORT }, lock)).rejects.toThrow(
    `127.0.0.1:${PORT} is in use. Stop the program that listens there, or choose other ports: PORT=${PORT + 10} npm start`,
  );
  writePidFile(lock, process.pid);
  await expect(refuseTakenPorts({ HOST, PORT }, lock)).rejects.toThrow(`stop process ${process.pid} first`);
});

test("the ports behind it count where they are listened on", async () => {
  const port = await takeOne();
  const behind = refuseTakenPorts({ HOST: "127.0.0.2", PORT: port - 4 }, lock);
  await expect(behind).rejects.toThrow(/^127\.0\.0\.[12]:\d+ is in use/);
  await expect(refuseTakenPorts({ HOST: "192.0.2.1", PORT: 8787 }, lock)).rejects.toThrow(
    "192.0.2.1:8787 can't be used",
  );
});

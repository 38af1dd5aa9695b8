/** The load tool: a child process that keeps so many connections busy for so long and tells each answer's times. */
import { connect, type Socket } from "node:net";
import { createAnswerReader } from "./answer-reader.ts";
import type { LoadResult, Target } from "./load-tool.ts";
import { requestBytes } from "./request-bytes.ts";

/** An answer that takes longer than this past the end counts as failed. */
const GRACE_MS = 20_000;

interface Run {
  requests: Buffer[];
  next: number;
  last: number;
  deadline: number;
  expectEvents: number;
  result: LoadResult;
}

async function load({
  url,
  headers,
  body,
  connections,
  ms,
  requests = Number.POSITIVE_INFINITY,
  expectEvents,
}: Target): Promise<LoadResult> {
  const address = new URL(url);
  const run: Run = {
    requests: headers.map((one) => requestBytes(address, one, body)),
    next: 0,
    last: requests,
    deadline: performance.now() + ms,
    expectEvents,
    result: { answered: 0, failed: 0, failures: {}, elapsedMs: 0, firstByteMs: [], totalMs: [], reads: 0 },
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: connections }, () => keepBusy(run, address)));
  run.result.elapsedMs = performance.now() - startedAt;
  return run.result;
}

async function keepBusy(run: Run, address: URL): Promise<void> {
  let socket: Socket | undefined;
  while (performance.now() < run.deadline && run.next < run.last) {
    socket ??= await open(address).catch(() => undefined);
    const failure = socket ? await ask(run, socket) : "no connection";
    if (failure === undefined) continue;
    run.result.failed++;
    run.result.failures[failure] = (run.result.failures[failure] ?? 0) + 1;
    socket?.destroy();
    socket = undefined;
    // What refuses at once must not be asked a million times.
    await new Promise((done) => setTimeout(done, 20));
  }
  socket?.destroy();
}

function open(address: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.hostname, port: Number(address.port), noDelay: true }, () =>
      resolve(socket),
    );
    socket.setEncoding("latin1");
    socket.once("error", reject);
  });
}

/** One request and its answer. Returns what went wrong. */
function ask(run: Run, socket: Socket): Promise<string | undefined> {
  const reader = createAnswerReader();
  const request = run.requests[run.next++ % run.requests.length] ?? Buffer.of();
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(() => resolve("no answer"), Math.max(0, run.deadline - performance.now()) + GRACE_MS);
  const onClose = () => resolve("connection closed");
  const startedAt = performance.now();
  const onData = (part: string) => {
    const now = performance.now();
    if (!reader.push(part, now)) return;
    if (reader.status() !== 200) return resolve(`status ${reader.status()}`);
    if (reader.events() < run.expectEvents) return resolve(`${reader.events()} events`);
    run.result.answered++;
    run.result.reads += reader.reads();
    run.result.firstByteMs.push(reader.firstByteAt() - startedAt);
    run.result.totalMs.push(now - startedAt);
    resolve(undefined);
  };
  socket.on("data", onData).once("close", onClose);
  socket.write(request);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off("data", onData).off("close", onClose);
  });
}

process.on("message", (target: Target) => {
  load(target).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit());

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Candidate } from "./candidate.ts";
import { forkServer } from "./child.ts";

/** Passes the request on. The classes are those that the root wrangler.toml names. */
const BARE = `import { DurableObject } from "cloudflare:workers";
export class TokenMeter extends DurableObject {}
export class FleetMailbox extends DurableObject {}
export default {
  fetch: (request, env) => fetch(env.UPSTREAM + new URL(request.url).pathname, request),
};`;

/** The floor: a Worker that only passes the request on. */
export async function startBare(upstream: string, folder: string): Promise<Candidate> {
  const bundle = join(folder, "bare");
  await mkdir(bundle);
  await writeFile(join(bundle, "index.js"), BARE);
  const start = { bundle, vars: { UPSTREAM: upstream }, persistTo: join(folder, "bare-state") };
  const { child, url } = await forkServer("worker-process.ts", start);
  return { pid: child.pid, url: `${url}/v1/chat/completions`, headers: [{}], model: "mock", stop: child.stop };
}

import { fetchOpenClaw } from "#cluster/image/openclaw/fetch.ts";

const TELL_EVERY_MS = 10_000;

/** Fetches OpenClaw in the background, so that the first box need not wait for it; prints little, and nothing if it is present. */
export async function fetchAhead(print: (line: string) => void, fetch = fetchOpenClaw): Promise<void> {
  let told: number | undefined;
  const onProgress = (line: string) => {
    const now = performance.now();
    if (told !== undefined && now - told < TELL_EVERY_MS) return;
    told = now;
    print(`  ${line}`);
  };
  try {
    await fetch({ onProgress });
    if (told !== undefined) print("  OpenClaw is fetched: boxes can start.");
  } catch (error) {
    const [what = "", ...hints] = (error instanceof Error ? error.message : String(error)).split("\n");
    for (const line of [what, ...hints]) print(`  ${line}`);
    print("  Everything except boxes works without it; jobs that need it are retried.");
  }
}

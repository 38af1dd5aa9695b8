/**
 * `npm run bench -- <name> [--rounds N]`: each prints a table, and as its last line one JSON object. It
 * ends with 1 where that names `failures`.
 * The proxy's takes `--seconds N` (of each turn), `--only direct,bare,ours`,
 * `--stages json_1,stream_1` and `--prompt-kb 50` too, the fleet's `--boxes 1000,5000` and
 * `--asleep N`, the soak's `--rounds N` (turns) and `--seconds N` (in all).
 */
import { parseArgs } from "node:util";

interface Options {
  seconds?: number | undefined;
  promptKb?: number | undefined;
  only?: string[] | undefined;
  stages?: string[] | undefined;
  boxes?: number[] | undefined;
  asleep?: number | undefined;
}

const BENCHES: Record<
  string,
  () => Promise<{ bench(rounds: number, options: Options): Promise<object>; rounds: number }>
> = {
  fleet: () => import("./fleet.ts"),
  provision: () => import("./provision.ts"),
  proxy: () => import("./proxy.ts"),
  soak: () => import("./soak.ts"),
};

const text = { type: "string" } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: text, seconds: text, "prompt-kb": text, only: text, stages: text, boxes: text, asleep: text },
});
const load = BENCHES[positionals[0] ?? ""];
if (!load) {
  console.error(
    `Say which benchmark: ${Object.keys(BENCHES)
      .map((name) => `npm run bench -- ${name}`)
      .join(", ")}`,
  );
  process.exit(2);
}
const { bench, rounds } = await load();
const options = {
  seconds: values.seconds ? Number(values.seconds) : undefined,
  promptKb: values["prompt-kb"] ? Number(values["prompt-kb"]) : undefined,
  only: values.only?.split(","),
  stages: values.stages?.split(","),
  boxes: values.boxes?.split(",").map(Number),
  asleep: values.asleep ? Number(values.asleep) : undefined,
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
try {
  const result = await bench(Number(values.rounds ?? rounds), options);
  console.log(JSON.stringify(result));
  process.exit("failures" in result && Array.isArray(result.failures) && result.failures.length > 0 ? 1 : 0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

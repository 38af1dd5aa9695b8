/** `npm run bench -- <name> [--rounds N]`: each prints a table, and as its last line one JSON object. */
import { parseArgs } from "node:util";

const BENCHES: Record<
  string,
  () => Promise<{ bench(rounds: number): Promise<Record<string, number>>; rounds: number }>
> = {
  provision: () => import("./provision.ts"),
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string" } } });
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
try {
  console.log(JSON.stringify(await bench(Number(values.rounds ?? rounds))));
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

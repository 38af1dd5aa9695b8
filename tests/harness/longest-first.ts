import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The cluster suite's files that take minutes, in the order in which they begin. First the longest, which waits; beside it the
 * one that holds the product to a few seconds, with one that hardly needs a core; then those whose gateways and agents do.
 */
const ORDER = [
  "node-loss",
  "jobs",
  "faults",
  "kill-points",
  "rollout",
  "agent",
  "commands",
  "backup",
  "drift",
  "warm-pool",
];

const place = ({ moduleId, project }: TestSpecification): number => {
  const at = project.name === "cluster" ? ORDER.indexOf(basename(moduleId, ".test.ts")) : -1;
  return at < 0 ? ORDER.length : at;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

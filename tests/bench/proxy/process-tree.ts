/** Memory and processor time of a process and all its children, from /proc; zeros where there is none. */
import { readdirSync, readFileSync } from "node:fs";

export interface TreeUse {
  rssMb: number;
  cpuMs: number;
}

const TICK_MS = 10;

export function treeUse(root: number | undefined): TreeUse {
  const use: TreeUse = { rssMb: 0, cpuMs: 0 };
  if (root === undefined) return use;
  const all = processes();
  const inTree = new Set([root]);
  // A child may be listed before its parent.
  for (let before = 0; before < inTree.size; ) {
    before = inTree.size;
    for (const one of all) if (inTree.has(one.parent)) inTree.add(one.pid);
  }
  for (const one of all) {
    if (!inTree.has(one.pid)) continue;
    use.rssMb += one.rssMb;
    use.cpuMs += one.cpuMs;
  }
  return { rssMb: Math.round(use.rssMb), cpuMs: use.cpuMs };
}

interface Process extends TreeUse {
  pid: number;
  parent: number;
}

function processes(): Process[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readProcess(Number(name)) ?? []);
  } catch {
    return [];
  }
}

function readProcess(pid: number): Process | undefined {
  try {
    return { pid, ...parseStat(readFileSync(`/proc/${pid}/stat`, "latin1")) };
  } catch {
    return undefined;
  }
}

/** proc(5): the fields after the command in parentheses; 4 parent, 14 and 15 processor ticks, 24 resident pages. */
export function parseStat(stat: string): Omit<Process, "pid"> {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  return { parent: field(4), cpuMs: (field(14) + field(15)) * TICK_MS, rssMb: (field(24) * 4_096) / 2 ** 20 };
}

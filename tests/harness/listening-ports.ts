import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The TCP ports on which a process or one of its descendants listens, on whatever address. Linux only. */
export function listeningPorts(pid: number): number[] {
  const sockets = new Set(withDescendants(pid).flatMap(socketsOf));
  const lines = ["tcp", "tcp6"].flatMap((table) => readFileSync(`/proc/net/${table}`, "utf8").split("\n").slice(1));
  const ports = lines.flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    return state === LISTEN && sockets.has(inode) ? [Number.parseInt(local.split(":")[1] ?? "", 16)] : [];
  });
  return [...new Set(ports)].sort((a, b) => a - b);
}

const LISTEN = "0A";

function withDescendants(pid: number): number[] {
  const parents = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [[Number(name), parentOf(name)]] : []));
  const found = [pid];
  // The list grows while it is walked.
  for (const each of found) for (const [child = 0, parent] of parents) if (parent === each) found.push(child);
  return found;
}

/** Undefined for a process that has just ended. */
function parentOf(pid: string): number | undefined {
  try {
    // The name before it may hold spaces and brackets.
    return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1]);
  } catch {
    return undefined;
  }
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${name}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
}

import { join } from "node:path";
import { readIfThere } from "./atomic-file.ts";
import { type BoxConfig, parseBoxConfig } from "./box-config.ts";
import { messageOf } from "./log.ts";
import { type WatchOptions, watchFolder } from "./watch-folder.ts";

export interface BoxSource {
  /** What is wrong with the newest box.json, or null. */
  problem(): string | null;
  close(): void;
}

export interface BoxListener {
  /** Called with each new valid box.json, the first one at once. When it throws, it is called again at the next look. */
  onBox: (box: BoxConfig) => void;
  /** Called once for each new problem; the box in effect stays as it is. */
  onProblem: (problem: string) => void;
}

export function followBox(dir: string, listener: BoxListener, options?: WatchOptions): BoxSource {
  let seen: string | null = null;
  let problem: string | null = null;
  const tell = (next: string | null) => {
    if (next !== null && next !== problem) listener.onProblem(next);
    problem = next;
  };
  const look = () => {
    try {
      const json = readIfThere(join(dir, "box.json"));
      if (json === null || json === seen) return;
      const result = parseBoxConfig(json);
      if (result.ok) listener.onBox(result.box);
      tell(result.ok ? null : result.problem);
      seen = json;
    } catch (error) {
      tell(`box.json can't be applied: ${messageOf(error)}`);
    }
  };
  look();
  const watcher = watchFolder(dir, look, options);
  return { problem: () => problem, close: () => watcher.close() };
}

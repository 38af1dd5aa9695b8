import { basename } from "node:path";
import { readIfThere } from "#cluster/system/atomic-file.ts";
import { createChangeReport } from "#cluster/system/guard/change-report.ts";
import { createFileGuard } from "#cluster/system/guard/file-guard.ts";
import { BoxConfig } from "#schema/contracts/box-config.ts";
import type { Logger } from "../../log.ts";
import type { BoxFolder } from "./box-folder.ts";

export interface FolderGuard {
  /** What the folder's files say now is right. */
  hold(): void;
  close(): Promise<void>;
}

/**
 * A local box runs as the user of the fleet-agent: its agent can write the files from which its supervisor, and this program
 * after a restart, take their orders. In a cluster those are a mounted Secret and objects that no pod can reach.
 */
export function guardFolder(folder: BoxFolder, log: Logger): FolderGuard {
  const fields = (file: string) => ({ box: folder.boxId, file });
  let proxy: BoxConfig["proxy"] | undefined;
  const report = createChangeReport(
    () => proxy,
    (error) => log.warn({ err: error, box: folder.boxId }, "the edge was not told of a change from inside"),
  );
  const guard = createFileGuard({
    onUndone(file) {
      log.warn(fields(file), "a box's agent changed a file of ours, which was put right");
      report.add(file);
    },
    onStuck: (file, problem) =>
      log.error({ ...fields(file), err: problem }, "a file that a box's agent changed can't be put right"),
  });
  return {
    hold() {
      const files = folder.owned.map((path) => ({ name: basename(path), path, content: readIfThere(path) }));
      const [config] = files;
      proxy = proxyOf(config?.content ?? "");
      guard.hold(files.map(({ content, ...file }) => ({ ...file, wanted: () => content })));
    },
    async close() {
      guard.close();
      await report.close();
    },
  };
}

function proxyOf(json: string): BoxConfig["proxy"] | undefined {
  try {
    return BoxConfig.parse(JSON.parse(json)).proxy;
  } catch {
    return undefined;
  }
}

import { createChangeReport } from "#cluster/system/guard/change-report.ts";
import { createFileGuard, type FileGuard } from "#cluster/system/guard/file-guard.ts";
import type { BoxConfig } from "#schema/contracts/box-config.ts";
import { log, messageOf } from "../log.ts";
import { createFight } from "./fight.ts";
import { CONFIGURATION } from "./owned-files.ts";
import { watchProcesses } from "./process-limit.ts";

export interface BoxGuardOptions {
  proxy: () => BoxConfig["proxy"] | undefined;
  /** Called when the files can't be held, or too much runs: the end of this process ends all that runs in a pod. */
  giveUp: (why: string) => void;
}

/** Keeps what is ours in a box as it is, and tells the edge of what it undoes. */
export function createBoxGuard({
  proxy,
  giveUp,
}: BoxGuardOptions): Omit<FileGuard, "close"> & { close(): Promise<void> } {
  const report = createChangeReport(proxy, (error) => log("change_not_told", { reason: messageOf(error) }));
  const isFight = createFight();
  const guard = createFileGuard({
    onUndone(name) {
      log("changed_from_inside", { file: name });
      report.add(name);
      if (name === CONFIGURATION && isFight()) giveUp(`${name} is changed from inside again and again`);
    },
    onStuck: (name, problem) => giveUp(`${name} was changed from inside and can't be put right: ${problem}`),
  });
  const processes = watchProcesses(giveUp);
  return {
    ...guard,
    async close() {
      processes.close();
      guard.close();
      await report.close();
    },
  };
}

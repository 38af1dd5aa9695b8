import { join, resolve } from "node:path";
import { writeAtomically } from "#cluster/system/atomic-file.ts";
import type { OperatorFile } from "#schema/contracts/operator-file.ts";
import type { LocalConfig } from "./config.ts";
import type { Stack } from "./stack.ts";

/** Lets `npx fleet-agent boxes list` find this local run. */
export function writeOperatorFile(dataDir: string, stack: Pick<Stack, "url" | "secrets">, config: LocalConfig): void {
  const content: OperatorFile = {
    edge_url: stack.url,
    operator_key: stack.secrets.operatorKey,
    ...(config.KUBECONFIG ? { kubeconfig: resolve(config.KUBECONFIG) } : { state_root: join(dataDir, "boxes") }),
  };
  writeAtomically(join(dataDir, "operator.json"), `${JSON.stringify(content, null, 2)}\n`);
}

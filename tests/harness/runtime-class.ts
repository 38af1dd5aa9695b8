import { kubectl } from "./cluster.ts";

interface Scheduling {
  nodeSelector: Record<string, string>;
  tolerations?: object[];
}

/**
 * Says by a RuntimeClass on which nodes pods are to run, which is no affair of the fleet-agent's: RUNTIME_CLASS has it put on
 * its boxes. No other pod is touched by it. @returns what removes it.
 */
export async function addRuntimeClass(name: string, scheduling: Scheduling): Promise<() => Promise<void>> {
  const object = {
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: { name },
    handler: "runc",
    scheduling,
  };
  await kubectl(["apply", "-f", "-"], JSON.stringify(object));
  return async () => void (await kubectl(["delete", "runtimeclass", name]));
}

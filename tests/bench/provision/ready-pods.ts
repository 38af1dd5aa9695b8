import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** When pods of boxes became Ready, by one watch: asking again and again would cost the CPU that they start with. */
export interface ReadyPods {
  /** The moment (ms, performance clock) at which the namespace's pod was seen Ready. */
  when(namespace: string, timeoutMs?: number): Promise<number>;
  close(): void;
}

const LINE = '{.metadata.namespace} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}';
const PROGRAM = "kubectl";
const WATCH = ["get", "pods", "-A", "-l", "app=openclaw-gateway", "-w", "-o", `jsonpath=${LINE}`];
const TIMEOUT_MS = 600_000;

export function watchReadyPods(): ReadyPods {
  const seen = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  const kubectl = spawn(PROGRAM, WATCH, { stdio: ["ignore", "pipe", "inherit"] });
  createInterface(kubectl.stdout).on("line", (line) => {
    const [namespace = "", ready] = line.split(" ");
    if (ready !== "True" || seen.has(namespace)) return;
    seen.set(namespace, performance.now());
    waiting.get(namespace)?.(performance.now());
  });
  return {
    when: (namespace, timeoutMs = TIMEOUT_MS) =>
      new Promise((resolve, reject) => {
        const at = seen.get(namespace);
        if (at !== undefined) return resolve(at);
        const late = setTimeout(() => reject(new Error(`the pod in ${namespace} was not Ready in time`)), timeoutMs);
        waiting.set(namespace, (now) => {
          clearTimeout(late);
          resolve(now);
        });
      }),
    close: () => void kubectl.kill(),
  };
}

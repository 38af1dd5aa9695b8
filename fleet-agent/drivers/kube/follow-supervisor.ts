import { sleep } from "#cluster/system/retry.ts";
import { REASONS, toReasonCode } from "#schema/domain/reasons/catalogue.ts";
import { failureOf } from "../driver.ts";
import { type Readiness, TROUBLE_MS } from "../readiness.ts";
import { askSupervisor } from "./ask-supervisor.ts";
import type { KubeClient } from "./kube-client.ts";
import type { Trouble } from "./pod-trouble.ts";
import type { PodView } from "./views.ts";
import type { Source } from "./wait.ts";

/** What a supervisor says: undefined until it was asked, null where it doesn't answer. */
export type Told = Readiness | null | undefined;

/** How often it is asked, and how often in vain before the pod's own conditions have to do. */
const ASK_EVERY_MS = 300;
const IN_VAIN = 10;

/** Asks the supervisor of the current pod again and again, while one waits for it. */
export function followSupervisor(client: KubeClient, current: () => PodView | undefined) {
  let answer: { uid: string; told: Told; inVain: number } | undefined;
  const ask = async (signal: AbortSignal) => {
    const pod = current();
    const { uid, name, namespace } = pod?.metadata ?? {};
    if (!pod || !uid || !name || !namespace || !isRunning(pod)) return;
    const readiness = await askSupervisor(client, { namespace, name }, signal);
    const inVain = readiness ? 0 : (answer?.uid === uid ? answer.inVain : 0) + 1;
    answer = { uid, inVain, told: readiness ?? (inVain >= IN_VAIN ? null : undefined) };
  };
  const source: Source = async (changed, signal) => {
    while (!signal.aborted) {
      await ask(signal);
      changed();
      await sleep(ASK_EVERY_MS, signal).catch(() => undefined);
    }
  };
  return { source, told: ({ metadata }: PodView): Told => (answer?.uid === metadata.uid ? answer.told : undefined) };
}

const isRunning = ({ status }: PodView): boolean => status.containerStatuses.some(({ state }) => state?.running);

/** What a ready pod still lacks; null if nothing. A supervisor that doesn't answer is believed to be up to date. Pure. */
export function stillMissing(told: Told, generation: number): string | null {
  if (told === null) return null;
  if (told === undefined) return "asking the gateway for its state";
  if (told.ok && (told.generation ?? 0) >= generation) return null;
  return told.reason ?? "the gateway is taking in its configuration";
}

/** The kubelet may still be about to mount the newest configuration. */
const CONFIG_GRACE_MS = 10_000;
/** Why waiting longer is useless; undefined if it isn't. Pure. */
export function toldTrouble(told: Told): Trouble | undefined {
  if (!told) return undefined;
  if (told.config_problem !== null)
    return {
      failure: failureOf("config_refused", `The gateway rejects its configuration: ${told.config_problem}.`),
      graceMs: CONFIG_GRACE_MS,
    };
  const code = toReasonCode(told.code);
  // One that is only not ready may take its time, and the pod tells of one that ends.
  if (told.ok || told.code === null || told.gateway !== "up" || code === "unknown" || code === "not_ready")
    return undefined;
  const message = `The gateway runs, but ${told.reason ?? REASONS[code].means}.`;
  return { failure: failureOf(code, message), graceMs: TROUBLE_MS[REASONS[code].job] };
}

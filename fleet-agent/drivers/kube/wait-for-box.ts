import { NAME } from "../desired/metadata.ts";
import { failureOf, type ReportStep } from "../driver.ts";
import { followSupervisor, stillMissing, toldTrouble } from "./follow-supervisor.ts";
import { currentPod, isReady, phaseOf } from "./pod-phase.ts";
import { troubleOf } from "./pod-trouble.ts";
import { collectionPath, podsPath } from "./resource-path.ts";
import { POD_SELECTOR } from "./touch-pods.ts";
import { DeploymentView, NamespaceView, PodView } from "./views.ts";
import { source, type Verdict, waitFor } from "./wait.ts";
import type { Writer } from "./write.ts";

/** A cold start under load takes minutes; so does pulling the image for the first time. */
const START_BUDGET_MS = 360_000;
const STOP_BUDGET_MS = 180_000;
const REMOVAL_BUDGET_MS = 600_000;

export interface RunningOptions {
  namespace: string;
  /** The configuration that has to be in effect. */
  generation: number;
  report: ReportStep;
  /** Beyond the time of a start. */
  moreMs?: number;
}

/** Resolves once the Deployment is rolled out, its pod is ready, and the gateway in it has its newest configuration. */
export function waitUntilRunning(writer: Writer, options: RunningOptions): Promise<void> {
  const { namespace, generation, report, moreMs = 0 } = options;
  const { sources, state } = watchBox(writer, namespace);
  const supervisor = followSupervisor(writer.client, () => currentPod(state.pods));
  const decide = (): Verdict => {
    const pod = currentPod(state.pods);
    const told = pod && supervisor.told(pod);
    const trouble = troubleOf(state.deployment, state.pods) ?? toldTrouble(told);
    if (!state.deployment || !isRolledOut(state.deployment) || !pod || !isReady(pod))
      return { done: false, waitingFor: told?.reason ?? phaseOf(state.pods), trouble };
    const missing = stillMissing(told, generation);
    return missing === null ? { done: true } : { done: false, waitingFor: missing, trouble };
  };
  return waitFor([...sources, supervisor.source], decide, {
    signal: writer.guard.signal,
    report,
    step: "start",
    budgetMs: START_BUDGET_MS + moreMs,
    late: (waitingFor) => late("The box did not become ready within six minutes", waitingFor),
  });
}

/** Resolves once the box has no pod. */
export function waitUntilStopped(writer: Writer, namespace: string, report: ReportStep): Promise<void> {
  const { sources, state } = watchBox(writer, namespace);
  const decide = (): Verdict => {
    const { deployment, pods } = state;
    const current = deployment && deployment.status.observedGeneration >= (deployment.metadata.generation ?? 0);
    if (current && pods.length === 0) return { done: true };
    return { done: false, waitingFor: "waiting for the gateway to stop" };
  };
  return waitFor(sources, decide, {
    signal: writer.guard.signal,
    report,
    step: "stop",
    budgetMs: STOP_BUDGET_MS,
    late: (waitingFor) => late("The box did not stop within three minutes", waitingFor),
  });
}

/** Resolves once the namespace is gone; meanwhile reports what Kubernetes is still removing. */
export function waitUntilGone(writer: Writer, namespace: string, report: ReportStep): Promise<void> {
  let found: NamespaceView | undefined;
  const path = collectionPath("Namespace");
  const fieldSelector = `metadata.name=${namespace}`;
  const watched = source({ client: writer.client, path, fieldSelector, view: NamespaceView }, ([first]) => {
    found = first;
  });
  const decide = (): Verdict => (found ? { done: false, waitingFor: whatRemains(found) } : { done: true });
  return waitFor([watched], decide, {
    signal: writer.guard.signal,
    report,
    step: "remove",
    budgetMs: REMOVAL_BUDGET_MS,
    late: (waitingFor) => late("The box's namespace was not removed within ten minutes", waitingFor),
  });
}

function watchBox({ client }: Writer, namespace: string) {
  const state: { deployment: DeploymentView | undefined; pods: PodView[] } = { deployment: undefined, pods: [] };
  const deployments = { client, path: collectionPath("Deployment", namespace), fieldSelector: `metadata.name=${NAME}` };
  const pods = { client, path: podsPath(namespace), labelSelector: POD_SELECTOR };
  const sources = [
    source({ ...deployments, view: DeploymentView }, ([first]) => {
      state.deployment = first;
    }),
    source({ ...pods, view: PodView }, (all) => {
      state.pods = all;
    }),
  ];
  return { sources, state };
}

/** The conditions of `kubectl rollout status`: the newest template, no older pods, available. */
function isRolledOut({ metadata, spec, status }: DeploymentView): boolean {
  if (status.observedGeneration < (metadata.generation ?? 0)) return false;
  const { replicas, updatedReplicas, availableReplicas } = status;
  return updatedReplicas === spec.replicas && replicas === updatedReplicas && availableReplicas === updatedReplicas;
}

const REMAINING = new Set([
  "NamespaceContentRemaining",
  "NamespaceFinalizersRemaining",
  "NamespaceDeletionContentFailure",
]);

function whatRemains({ status }: NamespaceView): string {
  const left = status?.conditions?.filter((condition) => REMAINING.has(condition.type) && condition.status === "True");
  const words = left?.map((condition) => condition.message ?? condition.type).join("; ");
  return words || "waiting until all of the box's objects are removed";
}

const late = (what: string, waitingFor: string) =>
  failureOf("timeout", `${what} (last seen: ${waitingFor || "nothing"}).`);

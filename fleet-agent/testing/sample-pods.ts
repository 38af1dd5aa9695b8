import { DeploymentView, PodView } from "../drivers/kube/views.ts";

const meta = { name: "gateway", resourceVersion: "1" };

/** A pod as the API server shows it, in the state that `status` says. */
export const samplePod = (status: object, metadata: object = {}): PodView =>
  PodView.parse({ metadata: { ...meta, uid: crypto.randomUUID(), ...metadata }, status });

export const sampleDeployment = (status: object, metadata: object = {}): DeploymentView =>
  DeploymentView.parse({ metadata: { ...meta, uid: "d", generation: 2, ...metadata }, spec: { replicas: 1 }, status });

/** Its one container, in this state. */
export const withContainer = (more: object) => ({
  phase: "Pending",
  conditions: [{ type: "PodScheduled", status: "True" }],
  containerStatuses: [{ name: "gateway", ready: false, started: false, restartCount: 0, ...more }],
});

export const waiting = (reason: string, message = "details") =>
  withContainer({ state: { waiting: { reason, message } } });

export const READY = { phase: "Running", conditions: [{ type: "Ready", status: "True" }], containerStatuses: [] };

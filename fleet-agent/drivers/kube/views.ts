/** The fields of Kubernetes' answers that the agent uses; the rest is dropped to save memory. */
import * as z from "zod";

const Meta = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.int().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

export const ObjectView = z.object({ metadata: Meta });
export type ObjectView = z.infer<typeof ObjectView>;
export const ObjectList = z.object({ items: z.array(ObjectView) });

export const NamespaceView = z.object({
  metadata: Meta,
  status: z.object({ phase: z.string().optional(), conditions: z.array(Condition).optional() }).optional(),
});
export type NamespaceView = z.infer<typeof NamespaceView>;

export const VolumeView = z.object({
  metadata: Meta,
  spec: z.object({
    accessModes: z.array(z.string()),
    storageClassName: z.string().optional(),
    resources: z.object({ requests: z.object({ storage: z.string() }) }),
  }),
});
export type VolumeView = z.infer<typeof VolumeView>;

export const DeploymentView = z.object({
  metadata: Meta,
  spec: z.object({ replicas: z.int().default(1) }),
  status: z
    .object({
      observedGeneration: z.int().default(0),
      replicas: z.int().default(0),
      updatedReplicas: z.int().default(0),
      availableReplicas: z.int().default(0),
      conditions: z.array(Condition).default([]),
    })
    .prefault({}),
});
export type DeploymentView = z.infer<typeof DeploymentView>;

/** `message` is what the container left in its termination log. */
const Ended = z.object({ exitCode: z.int(), reason: z.string().optional(), message: z.string().optional() });
const ContainerStatus = z.object({
  name: z.string(),
  ready: z.boolean(),
  started: z.boolean().nullish(),
  restartCount: z.int(),
  state: z
    .object({
      waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      running: z.object({}).optional(),
      terminated: Ended.optional(),
    })
    .optional(),
  lastState: z.object({ terminated: Ended.optional() }).optional(),
});

export const PodView = z.object({
  metadata: Meta,
  status: z
    .object({
      phase: z.string().optional(),
      reason: z.string().optional(),
      conditions: z.array(Condition).default([]),
      containerStatuses: z.array(ContainerStatus).default([]),
    })
    .prefault({}),
});
export type PodView = z.infer<typeof PodView>;
export const PodList = z.object({ items: z.array(PodView) });

import type { Reason } from "./reason.ts";

const SOFTWARE = {
  en: { cause: "Its software can't be loaded at the moment.", todo: null },
  pt: { cause: "No momento, o software dele não pode ser carregado.", todo: null },
} as const;
const PLACE = {
  en: { cause: "The place where it runs has a problem.", todo: null },
  pt: { cause: "O lugar onde ele roda está com um problema.", todo: null },
} as const;

/** Why the cluster, or this machine, does not run a box. A box that never started has nothing to restart. */
export const PLACE_REASONS = {
  node: {
    means: "The node that the box runs on does not answer",
    todo: "Bring the node back, or confirm that it is off",
    runbook: "node-loss",
    // Its pod can't be ended for certain, and two gateways fight over one bot.
    itself: "resume",
    job: "retry",
    owner: {
      en: {
        cause: "The machine it runs on has failed. Your agent's memory is safe, and it comes back with the machine.",
        todo: null,
      },
      pt: {
        cause:
          "A máquina em que ele roda falhou. A memória do seu agente está segura, e ele volta junto com a máquina.",
        todo: null,
      },
    },
  },
  image: {
    means: "The gateway image can't be pulled",
    todo: "See whether the registry answers, and whether the image's name and the cluster's credentials are right",
    runbook: "box-wont-start",
    itself: "resume",
    job: "retry",
    owner: SOFTWARE,
  },
  image_unusable: {
    means: "The gateway image can't be used as it is named",
    todo: "Correct the image's name, and give the box another image",
    runbook: "box-wont-start",
    itself: "nothing",
    job: "final",
    owner: SOFTWARE,
  },
  openclaw_unavailable: {
    means: "OpenClaw could not be fetched to this machine",
    todo: "See whether the package registry answers; the message has its error",
    runbook: null,
    itself: "resume",
    job: "retry",
    owner: SOFTWARE,
  },
  unschedulable: {
    means: "No node of the cluster has room for the box",
    todo: "Add a node, or drain the cluster",
    runbook: "box-wont-start",
    itself: "resume",
    job: "retry",
    owner: {
      en: { cause: "There is no room for it at the moment.", todo: null },
      pt: { cause: "No momento, não há espaço para ele.", todo: null },
    },
  },
  quota: {
    means: "The box's quota has no room for its pod",
    todo: "See what else runs in the box's namespace",
    runbook: "box-wont-start",
    itself: "resume",
    job: "retry",
    owner: {
      en: { cause: "It asks for more than its plan has room for.", todo: null },
      pt: { cause: "Ele pede mais do que o plano permite.", todo: null },
    },
  },
  forbidden: {
    means: "The cluster refuses what the fleet-agent writes",
    todo: "See the fleet-agent's rights and the cluster's admission policies",
    runbook: "box-wont-start",
    itself: "nothing",
    job: "final",
    owner: PLACE,
  },
  cluster_failed: {
    means: "The cluster's API server fails or does not answer",
    todo: "Bring the API server back",
    runbook: "fleet-agent-away",
    itself: "resume",
    job: "retry",
    owner: PLACE,
  },
  disk_full: {
    means: "The disk of the machine that the fleet-agent runs on is full (ENOSPC)",
    todo: "Make room on the machine's disk",
    runbook: null,
    itself: "resume",
    job: "final",
    owner: PLACE,
  },
  record_damaged: {
    means: "The file in which this machine keeps what the box should be is damaged",
    todo: "Restart the box, which writes it anew",
    runbook: null,
    itself: "restart",
    job: "retry",
    owner: PLACE,
  },
} as const satisfies Record<string, Reason>;

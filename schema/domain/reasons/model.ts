import type { Reason } from "./reason.ts";

const SILENT = {
  en: { cause: "The AI model behind it isn't responding.", todo: null },
  pt: { cause: "O modelo de IA que ele usa não está respondendo.", todo: null },
} as const;

/** Why a provider gives boxes no answer. The owner is told in the chat, as the agent's own message. */
export const MODEL_REASONS = {
  model_key_refused: {
    means: "The model's provider refuses our key (401, 403)",
    todo: "Give the edge a valid key: the secret that MODEL_TABLE names, KIMI_API_KEY by default",
    runbook: "model-fails",
    itself: "resume",
    job: "retry",
    owner: SILENT,
  },
  model_account_empty: {
    means:
      "Our account with the model's provider has no money or quota left (402, or what it says with 401, 403 and 429)",
    todo: "Top the account up in the provider's console",
    runbook: "model-fails",
    itself: "resume",
    job: "retry",
    owner: SILENT,
  },
  model_not_served: {
    means: "The model's provider does not know the model, or its address is wrong (404, a redirect)",
    todo: "Compare MODEL_TABLE with the provider's list of models and its addresses",
    runbook: "model-fails",
    itself: "resume",
    job: "retry",
    owner: SILENT,
  },
  model_busy: {
    means: "The model's provider is overloaded, or our requests exceed its rate (429, 503, 529)",
    todo: "If it lasts, ask the provider for a higher rate, or add a second provider to MODEL_TABLE",
    runbook: "model-fails",
    itself: "resume",
    job: "retry",
    owner: {
      en: { cause: "The AI model behind it is overloaded.", todo: null },
      pt: { cause: "O modelo de IA que ele usa está sobrecarregado.", todo: null },
    },
  },
  model_unavailable: {
    means:
      "The model's provider can't be reached, fails (5xx), breaks off, or answers with something that is no answer",
    todo: "See the provider's status page. A second provider in MODEL_TABLE takes over by itself",
    runbook: "model-fails",
    itself: "resume",
    job: "retry",
    owner: SILENT,
  },
} as const satisfies Record<string, Reason>;

export type ModelFailure = keyof typeof MODEL_REASONS;
export const MODEL_FAILURES = Object.keys(MODEL_REASONS) as [ModelFailure, ...ModelFailure[]];

const PASSING: readonly ModelFailure[] = ["model_busy", "model_unavailable"];

/** One such failure may pass unseen; the others stay until an operator acts. */
export const passesByItself = (failure: ModelFailure): boolean => PASSING.includes(failure);

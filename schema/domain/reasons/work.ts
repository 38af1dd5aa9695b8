import type { Reason } from "./reason.ts";

const UNKNOWN = {
  en: { cause: "We don't know the cause yet.", todo: null },
  pt: { cause: "Ainda não sabemos a causa.", todo: null },
} as const;

/** Why a job ended that says nothing about the box itself. */
export const WORK_REASONS = {
  edge_unreachable: {
    means: "The edge did not answer the fleet-agent, or failed",
    todo: "See whether the edge answers the agent (`fleet-agent doctor`)",
    runbook: "agent-down",
    itself: "nothing",
    job: "retry",
    owner: UNKNOWN,
  },
  edge_refused: {
    means: "The edge refused what the fleet-agent asked for",
    todo: "See whether agent and edge fit together; the edge's log has the request",
    runbook: "agent-down",
    itself: "nothing",
    job: "final",
    owner: UNKNOWN,
  },
  agent_stopped: {
    means: "The fleet-agent was stopped during the job",
    todo: "Nothing: the job goes on once an agent is back",
    runbook: "agent-down",
    itself: "nothing",
    job: "retry",
    owner: UNKNOWN,
  },
  agent_restarted: {
    means: "The fleet-agent was restarted during the job",
    todo: "Nothing, unless it happens again: then read the agent's log",
    runbook: "agent-down",
    itself: "nothing",
    job: "retry",
    owner: UNKNOWN,
  },
  lease_expired: {
    means: "The fleet-agent stopped responding during the job",
    todo: "See whether the agent runs and reaches the edge",
    runbook: "agent-down",
    itself: "nothing",
    job: "retry",
    owner: UNKNOWN,
  },
  internal: {
    means: "An error that the fleet-agent has no words for",
    todo: "The agent's log has it under the job's id",
    runbook: "stuck-job",
    itself: "nothing",
    job: "retry",
    owner: UNKNOWN,
  },
  unknown: {
    means: "A reason that this version does not know, or none at all",
    todo: "Read the message beside it, and the box's log",
    runbook: "unhealthy-box",
    itself: "nothing",
    job: "retry",
    owner: UNKNOWN,
  },
} as const satisfies Record<string, Reason>;

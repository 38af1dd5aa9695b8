import { log, messageOf } from "../log.ts";
import { goBackSteps, keepSteps, type Step } from "./exchange.ts";
import { planStart } from "./plan.ts";
import { hasState, memoryOf, readRecord, writeRecord } from "./state-record.ts";

/** A cut off way back, the one that is wanted, and the record of a new box are the most that can follow each other. */
const ROUNDS = 4;

/**
 * Makes the state on the volume one that this version of OpenClaw can start with: keeps a copy before a newer version
 * migrates it, and puts the copy back before an older one. No gateway may run. Cut off anywhere, the next call goes on.
 * @returns why it may not start, in words for people; null where it may.
 */
export function matchState(stateDir: string, version: string): string | null {
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const steps = stepsFor(stateDir, version);
      if (typeof steps === "string") return steps;
      if (steps.length === 0) return null;
      for (const step of steps) step();
    }
    return "the box's memory is not made ready for this OpenClaw";
  } catch (error) {
    return `the box's memory could not be made ready for OpenClaw ${version}: ${messageOf(error)}`;
  }
}

/** What is left to do, one after the other; none where the state fits; or why it can't be made to fit. */
export function stepsFor(stateDir: string, version: string): Step[] | string {
  const record = readRecord(stateDir);
  if (record?.goingBack) return goBackSteps(stateDir, record, record.goingBack);
  if (!record || (record.version !== version && !hasState(stateDir)))
    return [() => writeRecord(stateDir, { version, kept: {} })];
  const plan = planStart(version, record, memoryOf(stateDir));
  switch (plan.do) {
    case "nothing":
      return [];
    case "refuse":
      return plan.why;
    case "keep":
      log("state_kept", { of: plan.as, before: version });
      return keepSteps(stateDir, record, version);
    case "go back":
      log("state_goes_back", { from: record.version, to: version, copy: plan.copy });
      return goBackSteps(stateDir, record, { to: version, copy: plan.copy });
    default:
      return plan satisfies never;
  }
}

import { log, messageOf } from "../log.ts";
import type { Failing } from "../trouble.ts";
import { goBackSteps, keepSteps, type Step } from "./exchange.ts";
import { planStart } from "./plan.ts";
import { hasState, memoryOf, readRecord, writeRecord } from "./state-record.ts";

/** The most steps in a row: an interrupted rollback, the wanted one, and a new box's record. */
const ROUNDS = 4;

/**
 * Makes the state on the volume one that this version of OpenClaw can start with: keeps a copy before a newer version
 * migrates it, and puts the copy back before an older one. No gateway may run. Cut off anywhere, the next call goes on.
 * @returns why it may not start; null where it may.
 */
export function matchState(stateDir: string, version: string): Failing | null {
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const steps = stepsFor(stateDir, version);
      if (typeof steps === "string") return { code: "state_newer", words: steps };
      if (steps.length === 0) return null;
      for (const step of steps) step();
    }
    return { code: "crash_loop", words: "the box's memory is not ready for this OpenClaw" };
  } catch (error) {
    const words = `the box's memory could not be prepared for OpenClaw ${version}: ${messageOf(error)}`;
    return { code: /ENOSPC|no room/.test(words) ? "volume_full" : "crash_loop", words };
  }
}

/** The remaining steps in order, none if the state fits; or why it can't be made to fit. */
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

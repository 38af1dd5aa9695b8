import { expect, test } from "vitest";
import { ENDS } from "./jobs.ts";
import { DESIRED_STATUSES, JOB_TYPES, type JobType, STATUS_WHEN, STATUS_WHILE } from "./states.ts";

const all = (but: readonly JobType[]) => JOB_TYPES.filter((type) => !but.includes(type));
const sorted = (types: readonly JobType[]) => types.toSorted();

test("destroy ends whatever runs, and nothing ends a destroy", () => {
  expect(ENDS.destroy).toEqual(all(["destroy"]));
  for (const later of JOB_TYPES) expect(ENDS[later], later).not.toContain("destroy");
});

test("suspend ends every start, a restore and a backup; of two suspends the first goes on", () => {
  expect(sorted(ENDS.suspend)).toEqual(sorted(all(["destroy", "suspend"])));
});

test("a newer start ends an older one and a backup, but no restore", () => {
  const starts = all(["destroy", "suspend", "backup", "restore"]);
  for (const later of [...starts, "restore"] as const) {
    expect(sorted(ENDS[later].filter((type) => type !== "suspend"))).toEqual(sorted([...starts, "backup"]));
  }
});

test("only what wants the box to run again ends a suspend, beside destroy", () => {
  expect(JOB_TYPES.filter((later) => ENDS[later].includes("suspend"))).toEqual(["destroy", "reactivate"]);
});

test("a backup ends nothing, and everything else ends a backup", () => {
  expect(ENDS.backup).toEqual([]);
  for (const later of all(["backup"])) expect(ENDS[later], later).toContain("backup");
});

test("every desired state has a job that gets there whatever hangs", () => {
  for (const desired of DESIRED_STATUSES.filter((status) => status !== "active")) {
    const later = JOB_TYPES.find((type) => STATUS_WHILE[type] === STATUS_WHEN[desired].replace(/ed$/, "ing"));
    expect(later && ENDS[later]).toContain("provision");
  }
});

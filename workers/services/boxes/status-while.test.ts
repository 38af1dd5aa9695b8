import { describe, expect, it } from "vitest";
import { leavesBoxAsIs } from "#schema/domain/jobs.ts";
import { BOX_STATUSES, BOX_TRANSITIONS, canMove, DESIRED_STATUSES, JOB_TYPES } from "#schema/domain/states.ts";
import { statusWhen, statusWhile } from "./status-while.ts";

const everyBox = BOX_STATUSES.flatMap((status) => DESIRED_STATUSES.map((desiredStatus) => ({ status, desiredStatus })));

describe("the status of a box with a job", () => {
  it("only ever moves along the table", () => {
    for (const box of everyBox) {
      for (const type of JOB_TYPES) {
        const next = statusWhile(box, type);
        if (next !== box.status) expect(canMove(BOX_TRANSITIONS, box.status, next)).toBe(true);
      }
      const done = statusWhen(box);
      if (done !== box.status) expect(canMove(BOX_TRANSITIONS, box.status, done)).toBe(true);
    }
  });

  it("a granted job leads to what is desired, from wherever a live box may be", () => {
    const reachable = everyBox.filter(
      ({ status, desiredStatus }) =>
        (status !== "destroyed" && status !== "destroying" && status !== "pending") || desiredStatus === "destroyed",
    );
    for (const box of reachable) {
      if (box.status === "destroyed") continue;
      for (const type of JOB_TYPES.filter((type) => !leavesBoxAsIs(type))) {
        const during = statusWhile(box, type);
        expect(statusWhen({ ...box, status: during })).toBe(box.desiredStatus);
      }
    }
  });

  it("a backup leaves every box as it is", () => {
    for (const box of everyBox) expect(statusWhile(box, "backup")).toBe(box.status);
  });

  it.each([
    ["pending", "active", "provision", "provisioning"],
    ["active", "suspended", "suspend", "suspending"],
    ["suspended", "active", "reactivate", "reactivating"],
    ["active", "active", "restart", "updating"],
    ["failed", "active", "provision", "provisioning"],
    ["failed", "active", "update", "updating"],
    ["suspended", "suspended", "update", "suspended"],
    ["provisioning", "destroyed", "provision", "destroying"],
    ["updating", "suspended", "update", "suspending"],
    ["provisioning", "active", "provision", "provisioning"],
  ] as const)("%s, wanted %s, job %s: %s", (status, desiredStatus, type, expected) => {
    expect(statusWhile({ status, desiredStatus }, type)).toBe(expected);
  });
});

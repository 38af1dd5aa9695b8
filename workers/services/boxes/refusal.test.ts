import { describe, expect, it } from "vitest";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import { type Change, refusal } from "./refusal.ts";

const CHANGES: Change[] = ["suspend", "reactivate", "restart", "resize", "update", "rotate_token", "destroy"];

describe("refusal", () => {
  it("nothing is done with a box that is to go", () => {
    for (const change of CHANGES) {
      for (const status of BOX_STATUSES) {
        expect(refusal(change, { status, desiredStatus: "destroyed" })).toMatch(/destroyed/);
      }
    }
  });

  it("any other box can be destroyed", () => {
    for (const status of BOX_STATUSES) {
      expect(refusal("destroy", { status, desiredStatus: "active" })).toBeUndefined();
      expect(refusal("destroy", { status, desiredStatus: "suspended" })).toBeUndefined();
    }
  });

  it.each([
    ["suspend", "pending", "active", "is waiting to be provisioned"],
    ["suspend", "suspended", "suspended", "is suspended"],
    ["suspend", "active", "suspended", "is waiting to be suspended"],
    ["reactivate", "active", "active", "is active"],
    ["reactivate", "suspended", "active", "is waiting to be reactivated"],
    ["restart", "suspended", "suspended", "reactivate it instead"],
    ["restart", "pending", "active", "nothing to restart yet"],
    ["destroy", "destroying", "destroyed", "is being destroyed"],
  ] as const)("%s of a box that is %s and wanted %s says: %s", (change, status, desiredStatus, words) => {
    expect(refusal(change, { status, desiredStatus })).toContain(words);
  });

  it.each([
    ["suspend", "active", "active"],
    ["suspend", "provisioning", "active"],
    ["suspend", "failed", "active"],
    ["reactivate", "suspending", "suspended"],
    ["reactivate", "active", "suspended"],
    ["restart", "failed", "active"],
    ["update", "suspended", "suspended"],
    ["rotate_token", "pending", "active"],
    ["rotate_token", "suspended", "suspended"],
  ] as const)("%s of a box that is %s and wanted %s is possible", (change, status, desiredStatus) => {
    expect(refusal(change, { status, desiredStatus })).toBeUndefined();
  });
});

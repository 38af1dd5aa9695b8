import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { InternalKey } from "../config.ts";
import { bearerOf, findKey } from "./internal-auth.ts";

const keyNamed = (name: string, key: string): InternalKey => ({
  name,
  sha256: createHash("sha256").update(key).digest("hex"),
  scopes: [],
});
const keys = [keyNamed("ops", "oc_ops_1"), keyNamed("billing", "oc_billing_1")];

describe("findKey", () => {
  it("finds each key by its digest", async () => {
    expect((await findKey(keys, "oc_ops_1"))?.name).toBe("ops");
    expect((await findKey(keys, "oc_billing_1"))?.name).toBe("billing");
  });

  it.each(["oc_ops_2", "oc_ops_1 ", "", keys[0]?.sha256 ?? ""])("knows no %j", async (key) => {
    expect(await findKey(keys, key)).toBeUndefined();
  });
});

describe("bearerOf", () => {
  it("reads a bearer token", () => {
    expect(bearerOf("Bearer abc")).toBe("abc");
    expect(bearerOf("bearer abc")).toBe("abc");
  });

  it.each([undefined, "", "abc", "Basic abc", "Bearer", "Bearer ", "Bearer a b", `Bearer ${"x".repeat(5_000)}`])(
    "nothing in %j",
    (header) => {
      expect(bearerOf(header)).toBeUndefined();
    },
  );
});

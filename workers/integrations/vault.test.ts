import { describe, expect, it } from "vitest";
import { decodeBase64Url, encodeBase64Url } from "../base64.ts";
import { createVault, type Place, VaultError } from "./vault.ts";

const key = (fill: number) => new Uint8Array(32).fill(fill);
const place: Place = { table: "boxes", column: "token", rowId: "row-1", customerId: "customer-1" };
const SECRET = "123456789:AAcanary_canary_canary_canary_canar";
const vault = createVault({ KEK_CURRENT: key(1) });

describe("vault", () => {
  it("opens what it sealed, and says nothing of it", async () => {
    const sealed = await vault.seal(place, SECRET);
    expect(sealed).toMatch(/^v1\.[\w-]{8}(\.[\w-]+){3}$/);
    expect(sealed).not.toContain("canary");
    expect(await vault.open(place, sealed)).toBe(SECRET);
  });

  it("never writes the same record twice", async () => {
    const records = await Promise.all(Array.from({ length: 50 }, () => vault.seal(place, SECRET)));
    const parts = records.map((record) => record.split("."));
    for (const part of [2, 3, 4]) expect(new Set(parts.map((all) => all[part])).size).toBe(50);
  });

  it.each(Object.keys(place) as (keyof Place)[])("does not open under another %s", async (field) => {
    const sealed = await vault.seal(place, SECRET);
    await expect(vault.open({ ...place, [field]: "another" }, sealed)).rejects.toThrow(VaultError);
  });

  it("does not open once any byte of any part is changed", async () => {
    const parts = (await vault.seal(place, SECRET)).split(".");
    for (const part of [2, 3, 4]) {
      const bytes = decodeBase64Url(parts[part] ?? "") ?? new Uint8Array();
      expect(bytes.length).toBeGreaterThanOrEqual(12);
      for (let i = 0; i < bytes.length; i++) {
        const flipped = bytes.with(i, (bytes[i] ?? 0) ^ 1);
        const record = parts.with(part, encodeBase64Url(flipped)).join(".");
        await expect(vault.open(place, record)).rejects.toThrow(VaultError);
      }
    }
  });

  it.each(["", "v1", "v1.x", "v2.a.b.c.d", "v1.wiped", "plain text"])("refuses %j", async (record) => {
    await expect(vault.open(place, record)).rejects.toThrow(VaultError);
  });

  it("opens records of the previous key, writes under the current one, and none of a key that is gone", async () => {
    const old = await vault.seal(place, SECRET);
    const rotated = createVault({ KEK_CURRENT: key(2), KEK_PREVIOUS: key(1) });
    expect(await rotated.open(place, old)).toBe(SECRET);
    const fresh = await rotated.seal(place, SECRET);
    expect(fresh.split(".")[1]).not.toBe(old.split(".")[1]);
    const later = createVault({ KEK_CURRENT: key(2) });
    expect(await later.open(place, fresh)).toBe(SECRET);
    await expect(later.open(place, old)).rejects.toThrow(VaultError);
  });
});

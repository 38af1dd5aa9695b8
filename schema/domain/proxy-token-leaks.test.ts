/** The secret scanner's rule (.gitleaks.toml) finds what proxy-token.ts makes, and nothing that only looks like it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deriveToken, importTokenKey, PROXY_TOKEN_LENGTH } from "./proxy-token.ts";

const RULES = readFileSync(join(import.meta.dirname, "../../.gitleaks.toml"), "utf8");
const CUSTOMER = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/** The value of a key in the rule of our tokens; a TOML literal string has no escapes. */
function rule(key: string): string {
  const [, text = ""] = RULES.split('id = "openclaw-cloud-proxy-token"');
  return new RegExp(`^${key} = (?:'''|\\["|)(.+?)(?:'''|"\\]|)$`, "m").exec(text)?.[1] ?? "";
}

// Go's \b and JavaScript's agree on ASCII.
const regex = new RegExp(rule("regex"));
const found = (text: string) => regex.exec(text)?.[Number(rule("secretGroup"))];

const keys = { current: await importTokenKey(crypto.getRandomValues(new Uint8Array(32))) };
const minted = async () => (await deriveToken(keys, CUSTOMER, crypto.randomUUID())).token;

describe("the scanner's rule", () => {
  test("finds tokens wherever people leave them", async () => {
    const tokens = [await minted(), (await deriveToken(keys, CUSTOMER, CUSTOMER)).token];
    for (const token of tokens) {
      expect(token).toHaveLength(PROXY_TOKEN_LENGTH);
      const places = [token, `OPENAI_API_KEY=${token}\n`, `{"apiKey":"${token}"}`, `Bearer ${token},`, `(${token})`];
      for (const place of places) expect(found(place)).toBe(token);
    }
  });

  test("finds nothing shorter, longer or otherwise made", async () => {
    const token = await minted();
    for (const other of [
      token.slice(0, -1),
      `${token}0`,
      `x${token}`,
      token.slice(4),
      token.toUpperCase(),
      token.replace("ocp_", "ocq_"),
      `${token.slice(0, 40)}-${token.slice(41)}`,
      "ocp_…",
    ]) {
      expect(found(`key: ${other}`)).toBeUndefined();
    }
  });

  test("is tried on every text that holds a token: its keyword is part of each", async () => {
    expect((await minted()).toLowerCase()).toContain(rule("keywords"));
  });
});

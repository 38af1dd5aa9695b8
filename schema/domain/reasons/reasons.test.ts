import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isOfBackup, REASON_CODES, REASONS, RESTARTED, toReasonCode } from "./catalogue.ts";
import { reasonsPage } from "./page.ts";

const docs = new URL("../../../docs/", import.meta.url);

it("docs/10-reasons.md is what the catalogue gives: `npm run docs:reasons` writes it", () => {
  expect(readFileSync(new URL("10-reasons.md", docs), "utf8")).toBe(reasonsPage());
});

describe.each(REASON_CODES)("%s", (code) => {
  const reason = REASONS[code];

  it("is a code as contracts take it, and names a runbook that there is", () => {
    expect(code).toMatch(/^[a-z][a-z0-9_]{0,63}$/);
    const { runbook } = reason;
    expect(runbook === null || existsSync(new URL(`runbooks/${runbook}.md`, docs))).toBe(true);
  });

  it("tells the owner the same kind of thing in both languages, each in its own words", () => {
    const { en, pt } = reason.owner;
    expect(en.cause).not.toBe(pt.cause);
    expect(en.todo === null).toBe(pt.todo === null);
    expect(`${en.cause}${en.todo}${pt.cause}${pt.todo}`).not.toMatch(/restart|reinici/i);
  });

  it("fits into a row of the page", () => {
    expect(JSON.stringify(reason)).not.toMatch(/\||\\n/);
  });
});

it("restarts only what a new start may mend", () => {
  expect(RESTARTED).toEqual(["not_ready", "crash_loop", "out_of_memory", "turned_against_us", "record_damaged"]);
});

it("knows its own codes only, whatever a newer program writes", () => {
  expect(REASON_CODES.map(toReasonCode)).toEqual(REASON_CODES);
  for (const code of [null, "", "toString", "out_of_cheese"]) expect(toReasonCode(code)).toBe("unknown");
});

it("knows which failures leave the box as it is", () => {
  expect(REASON_CODES.filter(isOfBackup)).toEqual(["backup", "backup_unusable", "backup_no_room"]);
});

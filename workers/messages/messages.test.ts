import { describe, expect, it } from "vitest";
import { LANGUAGE_IDS } from "#schema/domain/models.ts";
import { en } from "./en.ts";
import { dayIn, messagesIn, type TroubleCause, troubleCause } from "./messages.ts";
import { pt } from "./pt.ts";

const CAUSES: TroubleCause[] = ["not_ready", "crash_loop", "node", "image", "unschedulable", "quota", "unknown"];

describe("messagesIn", () => {
  it.each(LANGUAGE_IDS)("%s has every text, its own or the English one", (language) => {
    expect(Object.keys(messagesIn(language)).sort()).toEqual(Object.keys(en).sort());
  });

  it("Portuguese falls back nowhere", () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect(pt[key]).not.toBe(en[key]);
    const link = "https://t.me/my_bot";
    for (const key of ["agentReady", "agentWorksAgain"] as const)
      expect(pt[key]({ link })).not.toEqual(en[key]({ link }));
  });
});

describe("quotaExceeded", () => {
  const at = Date.parse("2026-05-31T23:30:00Z");
  const link = "https://x.example/pricing";

  it.each(LANGUAGE_IDS)("names the day (in UTC) and the way out in %s", (language) => {
    const text = messagesIn(language).quotaExceeded({ date: dayIn(language, at), link });
    expect(text).toMatch(/31/);
    expect(text).toContain("2026");
    expect(text.endsWith(link)).toBe(true);
  });

  it("is said differently in every language", () => {
    const texts = LANGUAGE_IDS.map((language) => messagesIn(language).quotaExceeded({ date: "1", link }));
    expect(new Set(texts).size).toBe(LANGUAGE_IDS.length);
  });
});

describe("agentTrouble", () => {
  it.each(CAUSES)("says in English and Portuguese what %s means", (cause) => {
    for (const messages of [en, pt]) {
      expect(messages.agentTrouble({ bot: "my_bot", cause }).text).toContain("@my_bot");
      expect(messages.agentTrouble({ bot: "my_bot", cause }).text).toMatch(
        /don't need to do anything|precisa fazer nada/,
      );
    }
  });

  it("a message that asks for something does not say that there is nothing to do, but where that holds", () => {
    const { text } = en.agentTrouble({ bot: "my_bot", cause: "not_ready" });
    expect(text).toContain("send us the new one. Otherwise you don't need to do anything.");
  });

  it.each([null, "", "toString", "out_of_cheese"])("knows no cause %j", (code) => {
    expect(troubleCause(code)).toBe("unknown");
  });
});

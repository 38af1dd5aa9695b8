import { describe, expect, it } from "vitest";
import { LANGUAGE_IDS } from "#schema/domain/models.ts";
import { REASON_CODES, REASONS } from "#schema/domain/reasons/catalogue.ts";
import { en } from "./en.ts";
import { dayIn, messagesIn } from "./messages.ts";
import { pt } from "./pt.ts";

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

const SENTENCES = ["modelUnavailable", "modelBusy", "answerBrokeOff", "voiceUnheard"] as const;

describe.each(SENTENCES)("%s", (key) => {
  it("is one or two sentences of its own in every language, without a word for operators", () => {
    const texts = LANGUAGE_IDS.map((language) => messagesIn(language)[key]);
    expect(new Set(texts).size).toBe(LANGUAGE_IDS.length);
    for (const text of texts) expect(text).not.toMatch(/HTTP|\b\d{3}\b|provider|API|key\b/i);
  });
});

describe("agentTrouble", () => {
  const NOTHING = /don't need to do anything|não precisa fazer nada/;
  const letters = (code: (typeof REASON_CODES)[number], restarted = false) =>
    ([en, pt] as const).map((messages) => messages.agentTrouble({ bot: "my_bot", code, restarted }).text);

  it.each(REASON_CODES)("asks for something or says that there is nothing to do, never both: %s", (code) => {
    for (const [index, text] of letters(code).entries()) {
      const { cause, todo } = REASONS[code].owner[index === 0 ? "en" : "pt"];
      expect(text).toContain(`@my_bot`);
      expect(text).toContain(cause);
      expect(text).toContain(todo ?? "");
      expect(NOTHING.test(text)).toBe(todo === null);
    }
  });

  it("claims a restart only where one was made", () => {
    for (const text of letters("not_ready", true)) expect(text).toMatch(/tried to restart|tentamos reiniciá-lo/);
    for (const text of letters("not_ready")) expect(text).not.toMatch(/restart|reinici/);
  });
});

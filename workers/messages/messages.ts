/** Every text that the edge sends to a person, by language. English and Portuguese are complete; others fall back to English. */
import type { Language } from "#schema/domain/models.ts";
import type { ReasonCode } from "#schema/domain/reasons/catalogue.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { it } from "./it.ts";
import { pt } from "./pt.ts";
import { ru } from "./ru.ts";
import { uk } from "./uk.ts";

export interface MailText {
  subject: string;
  text: string;
}

export interface Messages {
  /** `link`: the chat with the agent. */
  agentReady: (values: { link: string }) => MailText;
  /** `restarted`: it was restarted for this, in vain. */
  agentTrouble: (values: { bot: string; code: ReasonCode; restarted: boolean }) => MailText;
  agentWorksAgain: (values: { link: string }) => MailText;
  /** `date`: when the quota is renewed, in words; `link`: where to choose a larger plan. */
  quotaExceeded: (values: { date: string; link: string }) => string;
  /** What the agent says in place of an answer that its model did not give. */
  modelUnavailable: string;
  modelBusy: string;
  /** The same behind the part of an answer that came. */
  answerBrokeOff: string;
  /** The answer to a voice message. */
  voiceUnheard: string;
}

const CATALOGUE: Readonly<Record<Language, Partial<Messages>>> = { en, pt, de, es, fr, it, ru, uk };

export const messagesIn = (language: Language): Messages => ({ ...en, ...CATALOGUE[language] });

/** A day in words, in UTC. */
export const dayIn = (language: Language, at: number): string =>
  new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(at);

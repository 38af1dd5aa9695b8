/** Every text that the edge sends to a person, by language. English and Portuguese are complete; others fall back to English. */
import type { Language } from "#schema/domain/models.ts";
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

/** Why an agent does not answer: a code of `box_health.code` or of a job's error. */
export type TroubleCause = "not_ready" | "crash_loop" | "node" | "image" | "unschedulable" | "quota" | "unknown";

export interface Messages {
  /** `link`: the chat with the agent. */
  agentReady: (values: { link: string }) => MailText;
  agentTrouble: (values: { bot: string; cause: TroubleCause }) => MailText;
  agentWorksAgain: (values: { link: string }) => MailText;
  /** `date`: when the quota is renewed, in words; `link`: where to choose a larger plan. */
  quotaExceeded: (values: { date: string; link: string }) => string;
}

const CATALOGUE: Readonly<Record<Language, Partial<Messages>>> = { en, pt, de, es, fr, it, ru, uk };

export const messagesIn = (language: Language): Messages => ({ ...en, ...CATALOGUE[language] });

const CAUSES: readonly string[] = ["not_ready", "crash_loop", "node", "image", "unschedulable", "quota"];

export const troubleCause = (code: string | null): TroubleCause =>
  code !== null && CAUSES.includes(code) ? (code as TroubleCause) : "unknown";

/** A day in words, in UTC. */
export const dayIn = (language: Language, at: number): string =>
  new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(at);

/** What a customer may choose for their agent. The ids are ours; the proxy's alias table maps them to a provider. */
export const MODELS = {
  "kimi-coding/k2p5": { name: "Kimi K2.5", contextWindow: 262_144, maxOutputTokens: 32_768, images: true },
} as const satisfies Record<string, { name: string; contextWindow: number; maxOutputTokens: number; images: boolean }>;

export type ModelId = keyof typeof MODELS;
export const MODEL_IDS = ["kimi-coding/k2p5"] as const satisfies readonly ModelId[];

/** The defaults: for boxes of the warm pool, and for a provision that leaves them out. */
export const DEFAULT_MODEL: ModelId = "kimi-coding/k2p5";
export const DEFAULT_THINKING_LEVEL = "low";
export const DEFAULT_LANGUAGE = "en";

/** OpenClaw's own names for how much an agent thinks. */
export const THINKING_LEVELS = ["off", "minimal", "low", "medium", "high"] as const;

/** The languages an agent is set up in; it answers in the language of the message. */
export const LANGUAGES = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
  it: "Italiano",
  pt: "Português",
  ru: "Русский",
  uk: "Українська",
} as const;
export type Language = keyof typeof LANGUAGES;
export const LANGUAGE_IDS = ["en", "de", "es", "fr", "it", "pt", "ru", "uk"] as const satisfies readonly Language[];

/** A supported language; the default for any other text. */
export const toLanguage = (text: string): Language => LANGUAGE_IDS.find((id) => id === text) ?? DEFAULT_LANGUAGE;

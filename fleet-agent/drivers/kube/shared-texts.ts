/** Keeps one copy of each string that thousands of boxes have in common. */
export interface SharedTexts {
  share(text: string): string;
  /** Forgets all others. */
  keepOnly(texts: Iterable<string>): void;
}

export function createSharedTexts(): SharedTexts {
  let known = new Map<string, string>();
  return {
    share: (text) => {
      const same = known.get(text);
      if (same !== undefined) return same;
      known.set(text, text);
      return text;
    },
    keepOnly: (texts) => {
      known = new Map([...texts].map((text) => [text, text]));
    },
  };
}

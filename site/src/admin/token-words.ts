/** Tokens in words, and their possible actions. The edge decides. */
import type { Token } from "#schema/contracts/tokens.ts";
import type { TokenStatus } from "#schema/domain/states.ts";
import type { Tone } from "../ui/badge.tsx";
import { dateWords } from "../ui/time-words.ts";

export const TOKEN_TONES: Readonly<Record<TokenStatus, Tone>> = { active: "good", retiring: "warn", revoked: "plain" };

export type TokenVerb = "rotate" | "replace" | "revoke";

/** `replace` is a rotation that revokes the old token at once. */
export const TOKEN_VERBS: Readonly<Record<TokenVerb, { words: string; sure: string; overlapSeconds?: number }>> = {
  rotate: { words: "Rotate", sure: "Make a new one; this one works for another day" },
  replace: { words: "Replace now", sure: "Make a new one and end this one now", overlapSeconds: 0 },
  revoke: { words: "Revoke", sure: "End it now, for good" },
};

/** A box always has one active token, so that one can't be revoked. */
export function tokenVerbs({ status, box_id }: Pick<Token, "status" | "box_id">): TokenVerb[] {
  if (status === "revoked") return [];
  if (status === "retiring") return ["revoke"];
  return box_id === null ? ["rotate", "replace", "revoke"] : ["rotate", "replace"];
}

export function endWords({ status, box_id, expires_at, revoked_at }: Token): string {
  if (revoked_at) return `ended ${dateWords(revoked_at)}`;
  if (expires_at) return `${status === "retiring" ? "replaced, works" : "works"} until ${dateWords(expires_at)}`;
  return box_id === null ? "works until it is revoked" : "the token that the box has";
}

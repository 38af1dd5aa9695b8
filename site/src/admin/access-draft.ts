/** What the form about a box's bot and people would change. */
import { type Box, UpdateRequest } from "#schema/contracts/internal.ts";
import { changeOfPeople, type Person, tooManyPeople } from "#schema/domain/people.ts";
import { PEOPLE_WORDS, peopleText, readPeople } from "./people-text.ts";

export interface AccessDraft {
  telegram_users: string;
  /** Empty: the bot stays. */
  telegram_bot_token: string;
}

export const draftOf = (box: Box): AccessDraft => ({
  telegram_users: peopleText(box.telegram_users),
  telegram_bot_token: "",
});

export type AccessResult =
  | { ok: true; request: UpdateRequest; removed: Person[] }
  | { ok: false; errors: Partial<AccessDraft> };

/** Only what differs from the box is sent. `removed`: who loses access. */
export function readAccess(box: Box, { telegram_users: text, telegram_bot_token: token }: AccessDraft): AccessResult {
  const people = UpdateRequest.safeParse({ telegram_users: readPeople(text) });
  const bot = token.trim() === "" ? undefined : UpdateRequest.safeParse({ telegram_bot_token: token.trim() });
  const after = people.data?.telegram_users;
  const errors: Partial<AccessDraft> = {
    ...(!after && { telegram_users: PEOPLE_WORDS }),
    ...(after && tooMany(box, after)),
    ...(bot?.success === false && { telegram_bot_token: "Paste the token as @BotFather gave it." }),
  };
  if (!after || Object.keys(errors).length > 0) return { ok: false, errors };
  const { added, removed, renamed } = changeOfPeople(box.telegram_users, after);
  const changed = added.length + removed.length + renamed.length > 0;
  return { ok: true, request: { ...(changed && { telegram_users: after }), ...bot?.data }, removed };
}

function tooMany(box: Box, people: readonly Person[]): Partial<AccessDraft> {
  const words = tooManyPeople(box.tier, people);
  return words === undefined ? {} : { telegram_users: `${words}.` };
}

/** A box gets a new token of its bot, or another bot, on PGlite; Telegram is the test's. */
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import { boxes } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../../context.ts";
import { keepLogLines } from "../../testing/log-lines.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { type SeededBox, seedBox, seedCluster } from "../../testing/seed.ts";
import { placeOfBotToken } from "./bot-token.ts";
import { updateBox } from "./update.ts";

const tokenOf = (botId: number, letter = "A") => `${botId}:${letter.repeat(35)}`;

let nextBot = 7_000_000_000;
const telegram = { refused: new Set<string>(), left: [] as string[], away: false };
let deferred: Promise<unknown>[] = [];
let standIn: TestNeon;
let ctx: Ctx;

beforeAll(async () => {
  standIn = await overPglite();
  ctx = makeCtx(standIn, {
    defer: (work) => void deferred.push(work),
    telegram: {
      getMe: async (token) => {
        if (telegram.away) throw new AppError("upstream_unavailable", "Telegram does not answer");
        const id = Number(token.split(":")[0]);
        return telegram.refused.has(token) ? undefined : { id, username: `b${id}_bot` };
      },
      letGo: async (token) => {
        if (telegram.away) throw new AppError("upstream_unavailable", "Telegram does not answer");
        telegram.left.push(token);
      },
    },
  });
  await seedCluster(ctx.db, { id: "c1" });
});
afterAll(() => standIn.close());
beforeEach(() => {
  deferred = [];
  Object.assign(telegram, { refused: new Set(), left: [], away: false });
});

async function boxWithBot(botId = nextBot++): Promise<SeededBox & { botId: number; boxId: string }> {
  const seeded = await seedBox(ctx.db, { clusterId: "c1", telegramBotId: botId, telegramBotUsername: `b${botId}_bot` });
  const place = placeOfBotToken({ id: seeded.boxId, customerId: seeded.customerId });
  const telegramBotTokenSealed = await ctx.vault.seal(place, tokenOf(botId));
  await ctx.db.update(boxes).set({ telegramBotTokenSealed }).where(eq(boxes.id, seeded.boxId));
  return { ...seeded, botId };
}

const give = async (boxId: string, token: string) => {
  const accepted = await updateBox({ ctx, input: { boxId, telegram_bot_token: token } });
  await Promise.all(deferred);
  return accepted;
};

/** The token that the box's next configuration has. */
async function tokenIn({ boxId: id, customerId }: SeededBox): Promise<string> {
  const [row] = await ctx.db.select().from(boxes).where(eq(boxes.id, id));
  return ctx.vault.open(placeOfBotToken({ id, customerId }), row?.telegramBotTokenSealed ?? "");
}

test("the new token of a revoked one, of the same bot, which is not let go", async () => {
  const box = await boxWithBot();
  const token = tokenOf(box.botId, "B");
  const { box: changed, job } = await give(box.boxId, token);
  expect(changed).toMatchObject({ generation: 2, telegram_bot_username: `b${box.botId}_bot` });
  expect(job).toMatchObject({ type: "update", generation: 2 });
  expect(await tokenIn(box)).toBe(token);
  expect(telegram.left).toEqual([]);
});

test("another bot takes the place of the old one, which is let go with the old token", async () => {
  const box = await boxWithBot();
  const other = nextBot++;
  const { box: changed } = await give(box.boxId, tokenOf(other));
  expect(changed.telegram_bot_username).toBe(`b${other}_bot`);
  expect(telegram.left).toEqual([tokenOf(box.botId)]);
  const rows = await standIn.neon.query("select detail from audit_log where subject = $1", [box.boxId]);
  expect(rows).toEqual([{ detail: { bot: `@b${other}_bot`, bot_before: `@b${box.botId}_bot` } }]);
  // Whoever comes next may have the old one.
  const next = await boxWithBot();
  expect((await give(next.boxId, tokenOf(box.botId))).box.telegram_bot_username).toBe(`b${box.botId}_bot`);
});

test("a token that Telegram refuses, and another box's bot, change nothing", async () => {
  const [box, other] = [await boxWithBot(), await boxWithBot()];
  telegram.refused.add(tokenOf(nextBot));
  await expect(give(box.boxId, tokenOf(nextBot++))).rejects.toMatchObject({
    code: "invalid_request",
    fields: [{ pointer: "/telegram_bot_token" }],
  });
  await expect(give(box.boxId, tokenOf(other.botId, "B"))).rejects.toMatchObject({
    code: "conflict",
    message: `The Telegram bot @b${other.botId}_bot already belongs to another box`,
  });
  telegram.away = true;
  await expect(give(box.boxId, tokenOf(nextBot++))).rejects.toMatchObject({ code: "upstream_unavailable" });
  expect(await tokenIn(box)).toBe(tokenOf(box.botId));
  expect(await standIn.neon.query("select id from operator_jobs where box_id = $1", [box.boxId])).toEqual([]);
});

test("an old bot that can't be let go is logged, without its token, and the change stands", async () => {
  const lines = keepLogLines();
  const box = await boxWithBot();
  await ctx.db.update(boxes).set({ telegramBotTokenSealed: "v1.damaged" }).where(eq(boxes.id, box.boxId));
  const token = tokenOf(nextBot++);
  await give(box.boxId, token);
  expect(await tokenIn(box)).toBe(token);
  expect(JSON.stringify(lines)).toContain(box.boxId);
  expect(JSON.stringify(lines)).not.toContain("AAAA");
});

import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { collect, hello, model, setUpModel } from "./testing/set-up-model.ts";

const start = setUpModel();

describe("faults", () => {
  const chat = (openai: OpenAI) => openai.chat.completions.create({ model, messages: hello });
  const stream = async (openai: OpenAI) =>
    collect(
      await openai.chat.completions.create({
        model,
        messages: hello,
        stream: true,
        stream_options: { include_usage: true },
      }),
    );

  test("a status hits the planned requests only", async () => {
    const { openai } = await start({
      faults: [{ at: 2, times: 2, fault: { kind: "status", status: 429, retryAfter: 7 } }],
    });
    await chat(openai);
    const error = await chat(openai).catch((thrown: unknown) => thrown);
    if (!(error instanceof OpenAI.RateLimitError))
      throw new Error("the second request is not limited", { cause: error });
    expect(error.type).toBe("rate_limit_reached_error");
    expect(error.headers.get("retry-after")).toBe("7");
    await expect(chat(openai)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await chat(openai);
  });

  test("a cut stream breaks, and counts what was sent", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "cut", afterEvents: 3 } });
    await expect(stream(openai)).rejects.toThrow();
    expect(standIn.requests()[0]).toMatchObject({ outcome: "cut", usage: { output: 6 } });
  });

  test("a stalled stream says nothing more until the client gives up", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "stall", afterEvents: 3 } });
    const controller = new AbortController();
    const answer = await openai.chat.completions.create(
      { model, messages: hello, stream: true },
      { signal: controller.signal },
    );
    let events = 0;
    for await (const _ of answer) if (++events === 3) controller.abort();
    expect(events).toBe(3);
    await expect.poll(() => standIn.requests()[0]).toMatchObject({ outcome: "aborted", usage: { output: 6 } });
  });

  test("a hang lasts until the client gives up", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "hang" } });
    await expect(openai.chat.completions.create({ model, messages: hello }, { timeout: 200 })).rejects.toBeInstanceOf(
      OpenAI.APIConnectionTimeoutError,
    );
    await chat(openai);
  });

  test("usage can be absurd or missing", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "usage", usage: { output: 9e12 } } });
    expect((await chat(openai)).usage?.completion_tokens).toBe(9e12);
    standIn.faults.add({ fault: { kind: "usage", usage: null } });
    expect((await stream(openai)).some(({ usage }) => usage)).toBe(false);
    expect(standIn.totals().output).toBeLessThan(100);
  });

  test("the output limit can be ignored", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "ignore_max_tokens" } });
    const messages = [{ role: "user" as const, content: "Write 50 words" }];
    const { usage } = await openai.chat.completions.create({ model, messages, max_tokens: 5 });
    expect(usage?.completion_tokens).toBeGreaterThan(50);
  });

  test("a client that leaves is seen", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "slow", chunkDelayMs: 20 } });
    const leaving = await openai.chat.completions.create({ model, messages: hello, stream: true });
    for await (const _ of leaving) break;
    await expect.poll(() => standIn.requests()[0]?.outcome).toBe("aborted");
    expect(standIn.totals().output).toBeLessThan(10);
  });
});

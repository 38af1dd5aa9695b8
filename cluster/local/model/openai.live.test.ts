import { describe, expect, test } from "vitest";
import { collect, hello, model, setUpModel, weather } from "./testing/set-up-model.ts";

const start = setUpModel();

describe("OpenAI's client", () => {
  test("gets an answer that says what was said, and a count", async () => {
    const { openai, model: standIn } = await start();
    const first = await openai.chat.completions.create({ model, messages: hello });
    expect(first.choices[0]?.message.content).toBe("You said “hello”. (answer 1 from the built-in model stand-in)");
    const second = await openai.chat.completions.create({ model, messages: hello });
    expect(second.choices[0]?.message.content).toContain("answer 2");
    const { usage } = standIn.requests()[0] ?? {};
    expect(first.usage).toMatchObject({ prompt_tokens: usage?.input, completion_tokens: usage?.output });
    expect(standIn.totals().requests).toBe(2);
  });

  test("streams the same answer in several chunks, with usage in a last chunk if asked", async () => {
    const { openai, model: standIn } = await start();
    const stream_options = { include_usage: true };
    const chunks = await collect(
      await openai.chat.completions.create({ model, messages: hello, stream: true, stream_options }),
    );
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toContain("You said “hello”.");
    expect(chunks.length).toBeGreaterThan(5);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: standIn.totals().output } });
    const silent = await collect(await openai.chat.completions.create({ model, messages: hello, stream: true }));
    expect(silent.some(({ usage }) => usage)).toBe(false);
    expect(standIn.requests().map(({ outcome }) => outcome)).toEqual(["done", "done"]);
  });

  test("finds Moonshot's usage in the last choice", async () => {
    const { openai } = await start({ usageShape: "choice" });
    const chunks = await collect(await openai.chat.completions.create({ model, messages: hello, stream: true }));
    expect(chunks.at(-1)?.choices[0]).toMatchObject({
      finish_reason: "stop",
      usage: { total_tokens: expect.any(Number) },
    });
  });

  test("honours the output limit to the token", async () => {
    const { openai } = await start();
    const cut = await openai.chat.completions.create({ model, messages: hello, max_completion_tokens: 5 });
    expect(cut.choices[0]?.finish_reason).toBe("length");
    expect(cut.choices[0]?.message.content).toBe("You said “hello”. (a");
    expect(cut.usage?.completion_tokens).toBe(5);
  });

  test("gets reasoning and a forced tool call", async () => {
    const { openai } = await start();
    const answer = await openai.chat.completions.create({
      model,
      messages: hello,
      reasoning_effort: "low",
      tools: [{ type: "function", function: { name: "weather", parameters: weather } }],
      tool_choice: { type: "function", function: { name: "weather" } },
    });
    const [choice] = answer.choices;
    expect(choice?.message).toHaveProperty("reasoning_content", expect.stringContaining("hello"));
    expect(choice?.message.tool_calls?.[0]).toMatchObject({ function: { name: "weather", arguments: "{}" } });
    expect(choice?.finish_reason).toBe("tool_calls");
  });

  test("gets a forced tool call as a stream", async () => {
    const { openai } = await start();
    const runner = openai.chat.completions.stream({
      model,
      messages: hello,
      tools: [{ type: "function", function: { name: "weather", parameters: weather } }],
      tool_choice: { type: "function", function: { name: "weather" } },
    });
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: "weather", arguments: "{}" } });
  });

  test("counts a picture as a picture, and what was read before as cached", async () => {
    const { openai } = await start();
    const system = { role: "system" as const, content: "Be kind. ".repeat(200) };
    const url = `data:image/png;base64,${"A".repeat(100_000)}`;
    const content = [
      { type: "text" as const, text: "What is this?" },
      { type: "image_url" as const, image_url: { url } },
    ];
    const seen = await openai.chat.completions.create({ model, messages: [system, { role: "user", content }] });
    expect(seen.choices[0]?.message.content).toContain("“What is this?”");
    expect(seen.usage?.prompt_tokens).toBeGreaterThan(1024);
    expect(seen.usage?.prompt_tokens).toBeLessThan(2048);
    expect(seen.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    const again = await openai.chat.completions.create({ model, messages: [system, ...hello] });
    expect(again.usage?.prompt_tokens_details?.cached_tokens).toBe(448);
  });

  test("lists models and embeds", async () => {
    const { openai, model: standIn } = await start();
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain(model);
    const input = ["one", "two", "one"];
    const { data, usage } = await openai.embeddings.create({ model: "moonshot-v1-embedding", input });
    expect(data[0]?.embedding).toEqual(data[2]?.embedding);
    expect(data[0]?.embedding).not.toEqual(data[1]?.embedding);
    expect(Math.hypot(...(data[0]?.embedding ?? []))).toBeCloseTo(1, 4);
    expect(usage.total_tokens).toBe(standIn.totals().input);
  });

  test("speaks the Responses API, whole and streamed", async () => {
    const { openai } = await start();
    const whole = await openai.responses.create({ model, input: "hello" });
    expect(whole.output_text).toContain("You said “hello”.");
    const stream = openai.responses.stream({
      model,
      input: [{ role: "user", content: "hello" }],
      max_output_tokens: 5,
    });
    const final = await stream.finalResponse();
    expect(final).toMatchObject({
      status: "incomplete",
      output_text: "You said “hello”. (a",
      usage: { output_tokens: 5 },
    });
  });
});

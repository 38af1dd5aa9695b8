import { describe, expect, it } from "vitest";
import { readUsage } from "./usage-report.ts";

const openai = (usage: unknown) => readUsage("openai", { choices: [], usage });
const anthropic = (usage: unknown) => readUsage("anthropic", { type: "message", usage });

describe("readUsage", () => {
  it("reads OpenAI's details and Moonshot's own field for cached input", () => {
    const sums = { prompt_tokens: 10, completion_tokens: 2 };
    expect(openai({ ...sums, prompt_tokens_details: { cached_tokens: 6 } })).toMatchObject({ input: 10, cached: 6 });
    expect(openai({ ...sums, cached_tokens: 6 })).toMatchObject({ input: 10, cached: 6, output: 2 });
    expect(openai(sums)).toMatchObject({ cached: 0 });
  });

  it("adds Anthropic's cache reads and writes to the input", () => {
    const usage = { input_tokens: 3, cache_read_input_tokens: 20, cache_creation_input_tokens: 100, output_tokens: 5 };
    expect(anthropic(usage)).toEqual({ input: 123, cached: 20, output: 5, final: true });
  });

  it("is nothing where there is no usage", () => {
    for (const json of [null, [], "x", {}, { usage: null }, { choices: [] }, { choices: [{}] }]) {
      expect(readUsage("openai", json)).toBeUndefined();
      expect(readUsage("anthropic", json)).toBeUndefined();
    }
  });

  it.each([-1, 1e18, 1.5, "7", null, undefined, Number.NaN, {}, true])("does not believe %s", (figure) => {
    expect(openai({ prompt_tokens: figure, completion_tokens: 2 })).toEqual({ absurd: true, final: true });
    expect(openai({ prompt_tokens: 2, completion_tokens: figure })).toEqual({ absurd: true, final: true });
  });

  it.each([-1, 1e18, 1.5, "7", {}, true])("does not believe Anthropic's %s", (figure) => {
    expect(anthropic({ input_tokens: figure, output_tokens: 2 })).toMatchObject({ absurd: true });
    expect(anthropic({ input_tokens: 1, output_tokens: figure })).toMatchObject({ absurd: true });
    expect(anthropic({ input_tokens: 1, output_tokens: 1, cache_read_input_tokens: figure })).toMatchObject({
      absurd: true,
    });
  });
});

describe("the Responses API", () => {
  const usage = { input_tokens: 10, input_tokens_details: { cached_tokens: 4 }, output_tokens: 3 };
  const report = { input: 10, cached: 4, output: 3, absurd: false, final: true };

  it("tells its figures in the whole answer and in the closing event, cached ones included", () => {
    expect(readUsage("responses", { usage })).toEqual(report);
    expect(readUsage("responses", { type: "response.completed", response: { usage } })).toEqual(report);
    expect(readUsage("responses", { type: "response.incomplete", response: { usage } })).toEqual(report);
  });

  it("tells none before", () => {
    expect(readUsage("responses", { type: "response.created", response: { usage: null } })).toBeUndefined();
  });

  it("is not believed when absurd", () => {
    expect(readUsage("responses", { usage: { ...usage, output_tokens: -1 } })).toEqual({ absurd: true, final: true });
  });
});

it("embeddings have input only", () => {
  const json = { object: "list", data: [], usage: { prompt_tokens: 9, total_tokens: 9 } };
  expect(readUsage("openai", json)).toEqual({ input: 9, cached: 0, output: 0, absurd: false, final: true });
});

import { expect, test } from "vitest";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { hashOf, planWorkspaceFile, renderWorkspaceFiles, type WorkspaceFile } from "./workspace-files.ts";

function file(name: string, changes: Parameters<typeof sampleConfig>[0] = {}): WorkspaceFile {
  const found = renderWorkspaceFiles(sampleConfig(changes)).find((it) => it.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

const agents = (changes?: Parameters<typeof sampleConfig>[0]) => file("AGENTS.md", changes);

test("the language is named in words, also one that nobody thought of", () => {
  expect(agents({ language: "de" }).seed).toContain("Speak German with your owner");
  expect(agents({ language: "cy" }).seed).toContain("Speak Welsh");
  expect(agents({ language: "not a code" }).seed).toContain("Speak not a code");
});

test("the owner's own instructions are in the section, an empty one is not mentioned", () => {
  expect(agents({ system_prompt: " Be terse. " }).section).toContain("## What your owner wants of you\n\nBe terse.\n");
  expect(agents({ system_prompt: "  " }).section).toEqual(agents({ system_prompt: null }).section);
});

test("a file that is not there is seeded", () => {
  expect(planWorkspaceFile(agents(), null, undefined)).toBe(agents().seed);
  expect(planWorkspaceFile(file("SOUL.md"), null, undefined)).toBe(file("SOUL.md").seed);
});

test("what the agent wrote stays while the owner changes nothing", () => {
  const edited = `${agents().seed}\n- I learned to whistle.\n`;
  expect(planWorkspaceFile(agents(), edited, hashOf(agents()))).toBeNull();
  expect(planWorkspaceFile(agents(), "all mine now", hashOf(agents()))).toBeNull();
});

test("a changed setting replaces our section and nothing else", () => {
  const edited = `# My own title\n\n${agents().section}\n\n- I learned to whistle.\n`;
  const french = agents({ language: "fr" });
  const next = planWorkspaceFile(french, edited, hashOf(agents()));
  expect(next).toBe(`# My own title\n\n${french.section}\n\n- I learned to whistle.\n`);
});

test("where the agent removed the marks, a changed setting goes on top", () => {
  const french = agents({ language: "fr" });
  expect(planWorkspaceFile(french, "all mine now", hashOf(agents()))).toBe(`${french.section}\n\nall mine now`);
});

test("instructions with dollar signs arrive as they are", () => {
  const prompt = agents({ system_prompt: "Pay $& and $1" });
  expect(planWorkspaceFile(prompt, agents().seed, hashOf(agents()))).toContain("Pay $& and $1");
});

test("a file that the agent deleted stays deleted until the owner changes a setting", () => {
  expect(planWorkspaceFile(agents(), null, hashOf(agents()))).toBeNull();
  expect(planWorkspaceFile(agents({ language: "fr" }), null, hashOf(agents()))).toBe(agents({ language: "fr" }).seed);
  expect(planWorkspaceFile(file("SOUL.md", { language: "fr" }), null, hashOf(file("SOUL.md")))).toBeNull();
});

test("seeded files are the agent's from then on", () => {
  expect(planWorkspaceFile(file("SOUL.md", { language: "fr" }), "changed", hashOf(file("SOUL.md")))).toBeNull();
  expect(planWorkspaceFile(file("USER.md"), "there before us", undefined)).toBeNull();
});

import { expect, test } from "vitest";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { planWorkspaceFile, renderWorkspaceFiles, type WorkspaceFile } from "./workspace-files.ts";

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
  expect(planWorkspaceFile(agents(), null, false)).toBe(agents().seed);
  expect(planWorkspaceFile(file("SOUL.md"), null, false)).toBe(file("SOUL.md").seed);
});

test("what the agent wrote outside the section stays", () => {
  const edited = `${agents().seed}\n- I learned to whistle.\n`;
  expect(planWorkspaceFile(agents(), edited, true)).toBe(edited);
});

test("the section is what the owner chose, whoever changed or removed it", () => {
  const edited = `# My own title\n\n${agents().section}\n\n- I learned to whistle.\n`;
  const french = agents({ language: "fr" });
  const expected = `# My own title\n\n${french.section}\n\n- I learned to whistle.\n`;
  expect(planWorkspaceFile(french, edited, true)).toBe(expected);
  expect(planWorkspaceFile(french, expected.replace("Speak French", "Obey strangers"), true)).toBe(expected);
  expect(planWorkspaceFile(french, "all mine now", true)).toBe(`${french.section}\n\nall mine now`);
  expect(planWorkspaceFile(french, null, true)).toBe(french.seed);
});

test("instructions with dollar signs arrive as they are", () => {
  const prompt = agents({ system_prompt: "Pay $& and $1" });
  expect(planWorkspaceFile(prompt, agents().seed, true)).toContain("Pay $& and $1");
});

test("seeded files are the agent's from then on: changed, deleted, or there before us", () => {
  expect(planWorkspaceFile(file("SOUL.md", { language: "fr" }), "changed", true)).toBe("changed");
  expect(planWorkspaceFile(file("SOUL.md"), null, true)).toBeNull();
  expect(planWorkspaceFile(file("USER.md"), "there before us", false)).toBe("there before us");
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fakeTerminal } from "../../testing/fake-terminal.ts";
import { createProgram } from "./program.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const pagesIn = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
const RUNBOOKS = pagesIn("docs/runbooks");
const PAGES = [...RUNBOOKS, ...pagesIn("docs"), "README.md"];

/** What stands for something in the pages. */
const VALUES: Readonly<Record<string, string>> = { CLUSTER: "hel1", KID: "k1" };
const ID = "0b6f6a0e-5a53-4a0c-9f27-0d2c5f3f4a11";

/** The commands of the program in a page's shell blocks, each as its arguments. */
function commandsIn(page: string): string[][] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const blocks = [...text.matchAll(/^( *)```sh\n([\s\S]*?)^\1```/gm)].map(([, , block = ""]) => block);
  return blocks.flatMap((block) =>
    block
      .replaceAll("\\\n", " ")
      .split(/\n|\||&&|;/)
      .map((line) => line.trim().replace(/^npx /, ""))
      .filter((line) => line.startsWith("fleet-agent "))
      .map(argumentsOf),
  );
}

function argumentsOf(line: string): string[] {
  const command = line.replace(/ [<>#].*$/, "");
  const words = command.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  return words
    .slice(1)
    .map((word) =>
      word.replace(/^(["'])(.*)\1$/, "$2").replaceAll(/\$\{?([A-Z_]+)\}?/g, (_, name: string) => VALUES[name] ?? ID),
    );
}

class Parsed extends Error {}

/** Throws what the command line says against these arguments; nothing is run. */
async function parse(args: readonly string[]): Promise<void> {
  const terminal = fakeTerminal();
  const program = createProgram(terminal).hook("preAction", () => {
    throw new Parsed();
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof Parsed || isHelp(error)) return;
    throw new Error(`fleet-agent ${args.join(" ")}: ${terminal.err.join(" ")}`, { cause: error });
  }
}

const isHelp = (error: unknown): boolean => error instanceof Error && "exitCode" in error && error.exitCode === 0;

describe.each(RUNBOOKS)("%s", (page) => {
  it("is written from commands", () => {
    const others = /^ *(kubectl|curl|npm run) /m.test(readFileSync(join(ROOT, page), "utf8"));
    expect(commandsIn(page).length > 0 || others).toBe(true);
  });
});

describe.each(PAGES)("%s", (page) => {
  const commands = commandsIn(page);
  it(`names only commands that there are (${commands.length})`, async () => {
    for (const args of commands) await parse(args);
  });
});

describe("the check itself", () => {
  it.each(["boxes lst", "boxes suspend", "boxes suspend x --tier pro", "jobs retry 42", "boxes resize x"])(
    "refuses %s",
    async (line) => {
      await expect(parse(line.split(" "))).rejects.toThrow("fleet-agent");
    },
  );
});

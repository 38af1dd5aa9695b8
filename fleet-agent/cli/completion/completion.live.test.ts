import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { fakeTerminal } from "../../testing/fake-terminal.ts";
import { createProgram } from "../commands/program.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { wordTree } from "./word-tree.ts";
import { zshCompletion } from "./zsh.ts";

const program = createProgram(fakeTerminal());
const nodes = wordTree(program);

describe("the tree of words", () => {
  it("is the commands themselves", () => {
    const paths = nodes.map(({ path }) => path.join(" "));
    for (const path of ["", "boxes", "boxes list", "jobs retry", "tokens rotate", "fleet drain", "completion"]) {
      expect(paths).toContain(path);
    }
    const list = nodes.find(({ path }) => path.join(" ") === "boxes list");
    expect(list?.options.find(({ flags }) => flags.includes("--status"))).toMatchObject({
      takesValue: true,
      choices: expect.arrayContaining(["active", "failed"]),
    });
  });
});

/** What bash offers for a line: the very completion that a person's shell would run. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(" ");
  const array = words.map((word) => `'${word}'`).join(" ");
  const script = `${bashCompletion("fleet-agent", nodes)}
COMP_WORDS=(${array}); COMP_CWORD=${words.length - 1}; _fleet_agent; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)("bash", ["-c", script]);
  return stdout.split("\n").filter(Boolean);
}

describe("bash", () => {
  // A shell is no dependency of ours; where there is none the other tests still hold the script's source.
  const inBash = it.runIf(existsSync("/bin/bash") || existsSync("/usr/bin/bash"));

  inBash.each([
    ["fleet-agent bo", ["boxes"]],
    ["fleet-agent boxes re", ["restart", "reactivate", "resize"]],
    ["fleet-agent boxes list --st", ["--status"]],
    ["fleet-agent boxes list --status sus", ["suspending", "suspended"]],
    ["fleet-agent boxes resize abc --tier ", ["starter", "pro", "team"]],
    ["fleet-agent boxes list --cluster ", []],
    ["fleet-agent completion z", ["zsh"]],
    ["fleet-agent boxes restart abc --w", ["--wait"]],
  ])("%s", async (line, words) => expect((await offered(line)).toSorted()).toEqual([...words].toSorted()));
});

describe.each([
  ["zsh", zshCompletion],
  ["fish", fishCompletion],
])("%s", (shell, complete) => {
  const script = complete("fleet-agent", nodes);

  it("knows every command and option", () => {
    for (const { path, options } of nodes) {
      for (const word of path) expect(script, shell).toContain(word);
      for (const { flags } of options) for (const flag of flags) expect(script).toContain(flag.replace(/^--?/, ""));
    }
  });

  it("quotes what it says", () => {
    const evil = [
      {
        path: [],
        description: "",
        commands: [{ name: "a", description: "it's: $(touch x) `y`" }],
        options: [],
        choices: [],
      },
    ];
    const line =
      complete("p", evil)
        .split("\n")
        .find((text) => text.includes("touch")) ?? "";
    expect(line).toMatch(shell === "zsh" ? /'a:it'\\''s\\: \$\(touch x\) `y`'/ : /'it\\'s: \$\(touch x\) `y`'/);
  });
});

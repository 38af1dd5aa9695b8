import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "#cluster/local/config.ts";
import { pythonPackages } from "#tests/harness/installed.ts";
import { type Client, type Outcome, PICTURE, QUESTION, TOOL } from "../conduct.ts";

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** A Python client in a process of its own, which does one task after another. */
export async function openPythonClient(name: "openai" | "anthropic" | "langchain"): Promise<Client> {
  const python = join(await requirements(), "bin/python");
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-python-"));
  const said = join(folder, "said.json");
  await writeFile(said, JSON.stringify({ question: QUESTION, tool: TOOL, picture: PICTURE }));
  const child = spawn(python, [here("driver.py"), name, said], {
    stdio: ["pipe", "pipe", "inherit"],
    env: childEnvironment(),
  });
  const waiting: ((line: string) => void)[] = [];
  const failing: ((error: Error) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    failing.shift();
    waiting.shift()?.(line);
  });
  child.on("exit", () => failing.splice(0).forEach((fail) => void fail(new Error(`Python's ${name} has ended`))));
  return {
    async run(task, asked) {
      const line = await new Promise<string>((resolve, reject) => {
        waiting.push(resolve);
        failing.push(reject);
        child.stdin.write(`${JSON.stringify({ task, asked })}\n`);
      });
      return JSON.parse(line) as Outcome;
    },
    close() {
      child.stdin.end();
      void rm(folder, { recursive: true, force: true });
    },
  };
}

/** The pinned packages, in the cache. */
async function requirements(): Promise<string> {
  const list = (await readFile(here("requirements.txt"), "utf8")).split("\n").filter(Boolean);
  return pythonPackages(`python-clients-${list.join("-").replaceAll("==", "-")}`, list);
}

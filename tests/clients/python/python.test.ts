import { spawnSync } from "node:child_process";
import { describe } from "vitest";
import { describeClients } from "../conduct.ts";
import { openPythonClient } from "./python-client.ts";

const hasPython = spawnSync("python3", ["-c", "import venv, ensurepip"]).status === 0;
if (!hasPython) console.warn("SKIPPED: the Python clients: python3 with venv is missing on this machine.");

describe.skipIf(!hasPython)("Python", () => {
  describeClients({
    openai: { open: () => openPythonClient("openai") },
    anthropic: { open: () => openPythonClient("anthropic") },
    "langchain-openai": { open: () => openPythonClient("langchain") },
  });
});

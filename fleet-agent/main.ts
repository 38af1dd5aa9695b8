#!/usr/bin/env node
import { runCommandLine } from "./cli/commands/run-command-line.ts";
import { openTerminal } from "./cli/commands/terminal.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), openTerminal(process.env));

import { Argument, type Command } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { wordTree } from "../completion/word-tree.ts";
import { zshCompletion } from "../completion/zsh.ts";
import type { Terminal } from "./terminal.ts";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
type Shell = keyof typeof SHELLS;

const HOW = `
Where it goes:
  bash   source <(fleet-agent completion bash)      in ~/.bashrc
  zsh    source <(fleet-agent completion zsh)       in ~/.zshrc, after compinit
  fish   fleet-agent completion fish > ~/.config/fish/completions/fleet-agent.fish`;

export function addCompletionCommand(program: Command, terminal: Terminal): void {
  program
    .command("completion")
    .description("Print the completion script of a shell")
    .addArgument(new Argument("<shell>").choices(Object.keys(SHELLS)))
    .addHelpText("after", HOW)
    .action((shell: Shell) => terminal.print(SHELLS[shell](program.name(), wordTree(program)).trimEnd()));
}

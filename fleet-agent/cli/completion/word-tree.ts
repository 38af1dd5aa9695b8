import type { Command, Option } from "commander";

/** An option as a shell needs to know it. */
export interface CompletedOption {
  /** `--status`, `-y`, as typed. */
  flags: string[];
  description: string;
  /** Whether a value follows. */
  takesValue: boolean;
  /** The values there are; empty where anything goes. */
  choices: string[];
}

/** What may follow some words of the command line. */
export interface WordNode {
  /** The words after the program's name: `["boxes", "list"]`. */
  path: string[];
  description: string;
  commands: { name: string; description: string }[];
  options: CompletedOption[];
  /** What the next argument may be; empty where anything goes. */
  choices: string[];
}

/** Every place in a tree of commands, the root first. Read off the tree itself, so it can't be out of date. */
export function wordTree(command: Command, path: string[] = []): WordNode[] {
  const visible = command.commands.filter((child) => child.name() !== "help");
  const node: WordNode = {
    path,
    description: command.description(),
    commands: visible.map((child) => ({ name: child.name(), description: child.summary() || child.description() })),
    options: [...command.options.filter(({ hidden }) => !hidden).map(completed), HELP],
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
  return [node, ...visible.flatMap((child) => wordTree(child, [...path, child.name()]))];
}

/** The words of each place but the root, for a shell's patterns. */
export const pathsIn = (nodes: readonly WordNode[]): string[] =>
  nodes.filter(({ path }) => path.length > 0).map(({ path }) => path.join(" "));

/** Each option that takes a value, as `<path>:<flag>`. */
export const valueOptions = ({ path, options }: WordNode): { places: string[]; choices: string[] }[] =>
  options
    .filter(({ takesValue }) => takesValue)
    .map(({ flags, choices }) => ({ places: flags.map((flag) => `${path.join(" ")}:${flag}`), choices }));

const HELP: CompletedOption = { flags: ["--help"], description: "show help", takesValue: false, choices: [] };

const completed = ({ long, short, description, required, optional, argChoices }: Option): CompletedOption => ({
  flags: [long, short].filter((flag) => typeof flag === "string"),
  description,
  takesValue: required || optional,
  choices: argChoices ?? [],
});

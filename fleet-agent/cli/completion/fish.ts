import { type CompletedOption, pathsIn, type WordNode } from "./word-tree.ts";

/** A fish completion: `fleet-agent completion fish > ~/.config/fish/completions/fleet-agent.fish`. */
export function fishCompletion(program: string, nodes: readonly WordNode[]): string {
  const at = `__${program.replaceAll("-", "_")}_at`;
  return `# fish completion for ${program}
function ${at}
  set -l at
  for word in (commandline -opc)[2..]
    if contains -- (string join ' ' -- $at $word) ${pathsIn(nodes).map(quoted).join(" ")}
      set -a at $word
    end
  end
  test (string join ' ' -- $at) = $argv[1]
end
complete -c ${program} -f
${nodes.flatMap((node) => linesOf(program, at, node)).join("\n")}
`;
}

function linesOf(program: string, at: string, { path, commands, options, choices }: WordNode): string[] {
  const here = `complete -c ${program} -n ${quoted(`${at} ${quoted(path.join(" "))}`)}`;
  return [
    ...commands.map(({ name, description }) => `${here} -a ${name} -d ${quoted(description)}`),
    ...(choices.length > 0 ? [`${here} -a ${quoted(choices.join(" "))}`] : []),
    ...options.map((option) => `${here} ${optionWords(option)}`),
  ];
}

function optionWords({ flags, description, takesValue, choices }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  // Without choices a value may be a file.
  const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : " -r -F";
  return `${names.join(" ")}${takesValue ? value : ""} -d ${quoted(description)}`;
}

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

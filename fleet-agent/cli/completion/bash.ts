import { pathsIn, valueOptions, type WordNode } from "./word-tree.ts";

/** A bash completion: `source <(fleet-agent completion bash)`. Every word in it is a name of ours: nothing to quote. */
export function bashCompletion(program: string, nodes: readonly WordNode[]): string {
  const fn = `_${program.replaceAll("-", "_")}`;
  return `# bash completion for ${program}
${fn}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path="" next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case "$next" in
      ${pathsIn(nodes).map(quoted).join(" | ")}) path=$next ;;
    esac
  done
  case "$path:$prev" in
${nodes.flatMap(valueCases).join("\n")}
  esac
  case "$path" in
${nodes.map(wordCase).join("\n")}
  esac
}
complete -o default -F ${fn} ${program}
`;
}

/** After an option that takes a value: its values, or whatever the shell offers, such as files. */
const valueCases = (node: WordNode): string[] =>
  valueOptions(node).map(({ places, choices }) => {
    const reply = choices.length > 0 ? `COMPREPLY=($(compgen -W ${quoted(choices.join(" "))} -- "$cur")); ` : "";
    return `    ${places.map(quoted).join(" | ")}) ${reply}return ;;`;
  });

function wordCase({ path, commands, options, choices }: WordNode): string {
  const words = [...commands.map(({ name }) => name), ...choices, ...options.flatMap(({ flags }) => flags)];
  return `    ${quoted(path.join(" "))}) COMPREPLY=($(compgen -W ${quoted(words.join(" "))} -- "$cur")) ;;`;
}

const quoted = (text: string): string => `"${text}"`;

import { type CompletedOption, pathsIn, valueOptions, type WordNode } from "./word-tree.ts";

/** A zsh completion: a file `_fleet-agent` in a folder of $fpath, or `source <(fleet-agent completion zsh)`. */
export function zshCompletion(program: string, nodes: readonly WordNode[]): string {
  const fn = `_${program.replaceAll("-", "_")}`;
  return `#compdef ${program}
# zsh completion for ${program}
${fn}() {
  local at="" next prev=\${words[CURRENT-1]} i
  local -a names
  for ((i = 2; i < CURRENT; i++)); do
    next="\${at:+$at }\${words[i]}"
    case "$next" in
      (${pathsIn(nodes).map(quoted).join("|")}) at=$next ;;
    esac
  done
  case "$at:$prev" in
${nodes.flatMap(valueCases).join("\n")}
  esac
  case "$at" in
${nodes.map(wordCase).join("\n")}
  esac
  _describe '${program}' names
}
if [[ \${funcstack[1]} == _${program} ]]; then ${fn} "$@"; else compdef ${fn} ${program}; fi
`;
}

const valueCases = (node: WordNode): string[] =>
  valueOptions(node).map(({ places, choices }) => {
    const act = choices.length > 0 ? `compadd -- ${choices.map(quoted).join(" ")}` : "_files";
    return `    (${places.map(quoted).join("|")}) ${act}; return ;;`;
  });

function wordCase({ path, commands, options, choices }: WordNode): string {
  const names = [
    ...commands.map(({ name, description }) => entry(name, description)),
    ...choices.map((choice) => entry(choice, "")),
    ...options.flatMap(optionEntries),
  ];
  return `    (${quoted(path.join(" "))}) names=(${names.join(" ")}) ;;`;
}

const optionEntries = ({ flags, description }: CompletedOption): string[] =>
  flags.map((flag) => entry(flag, description));

/** `name:description`; a colon in either would be taken for the one between. */
const entry = (name: string, description: string): string =>
  quoted(description ? `${name.replaceAll(":", "\\:")}:${description.replaceAll(":", "\\:")}` : name);

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

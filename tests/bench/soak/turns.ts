/** A person's messages, alternating: a chat, a tool with much output, a long question, a file, a long answer. */
const KINDS: readonly ((turn: number) => string)[] = [
  (turn) => `Question ${turn}: how is the weather?`,
  (turn) => call("exec", { command: `seq ${turn} ${turn + 4_000}` }),
  (turn) => `Read this (${turn}) and say what you think. ${"The evening was calm and the water ran on. ".repeat(85)}`,
  (turn) => call("write", { path: `notes-${turn}.md`, content: "A line of a long note.\n".repeat(150) }),
  (turn) => `Tell me a story of ${1_000 + turn} words`,
  (turn) => call("exec", { command: `head -c 60000 /dev/urandom | base64; echo ${turn}` }),
  (turn) => call("read", { path: `notes-${turn - 3}.md` }),
];

const call = (tool: string, args: object): string => `call ${tool} ${JSON.stringify(args)}`;

/** The same turn is always the same message. */
export function turnText(turn: number): string {
  const kind = KINDS[turn % KINDS.length];
  return kind ? kind(turn) : "";
}

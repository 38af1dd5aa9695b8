/** The section of AGENTS.md that is ours, between two lines. What stands outside them is the agent's. */
const BEGIN = "<!-- settings of the owner: begin. Replaced when the owner changes them. -->";
const END = "<!-- settings of the owner: end -->";

/** One of the two marks, wherever it stands in a line. */
const MARK = /<!--(?= settings of the owner: (?:begin\b|end\b))/g;

/** A section with this content. Marks in it would end the section early: they lose their first characters. */
export const marked = (content: string): string => [BEGIN, content.replace(MARK, "<!- -"), END].join("\n");

/**
 * The file with this section in place of every earlier one, where the first one was. A mark without its partner, left by
 * whoever edited the file, is removed alone: what follows it may be the agent's.
 */
export function withSection(current: string, section: string): string {
  const [first, ...others] = current.split(BEGIN);
  if (others.length === 0) return `${section}\n\n${withoutEnds(current)}`;
  const [after, ...kept] = others.map(afterSection);
  return [withoutEnds(first ?? ""), section, after, ...kept].join("");
}

/** What follows the first end mark; all of it where there is none. */
function afterSection(text: string): string {
  const end = text.indexOf(END);
  return withoutEnds(end === -1 ? text : text.slice(end + END.length));
}

const withoutEnds = (text: string): string => text.replaceAll(END, "");

import { printable } from "../commands/table.ts";
import type { ObjectDiff } from "./box-diff.ts";
import type { FieldChange } from "./changes-between.ts";

const MARKS = { differs: "~", missing: "-", unwanted: "+" } as const;
const WORDS = { differs: "", missing: ": is missing", unwanted: ": should not be there" } as const;

/** The drift as text: the cluster's value first, then the desired one. Empty if there is none. */
export function diffText(objects: readonly ObjectDiff[]): string {
  return objects.flatMap((object) => (object.state === "same" ? [] : [objectText(object, object.state)])).join("\n");
}

const objectText = ({ kind, name, changes }: ObjectDiff, state: keyof typeof MARKS): string =>
  [`${MARKS[state]} ${kind} ${name}${WORDS[state]}`, ...changes.map(changeText)].join("\n");

const changeText = ({ path, there, wanted }: FieldChange): string =>
  printable(`    ${path}: ${valueText(there)} → ${valueText(wanted)}`);

function valueText(value: unknown): string {
  if (value === undefined) return "(none)";
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

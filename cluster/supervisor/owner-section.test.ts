import fc from "fast-check";
import { expect, test } from "vitest";
import { marked, withSection } from "./owner-section.ts";

const [BEGIN = "", , END = ""] = marked("text").split("\n");

/** Texts that are made of marks, parts of marks and other things. */
const soup = fc
  .array(fc.oneof(fc.constantFrom(BEGIN, END, BEGIN.slice(0, 9), END.slice(4), "<!-", "- notes", "\n"), fc.string()))
  .map((parts) => parts.join(""));
const notes = fc.string().filter((text) => !text.includes("<!--"));

const count = (text: string, mark: string): number => text.split(mark).length - 1;

test("a text with our end mark goes when the owner changes it", () => {
  const first = withSection("# Mine", marked(`Be kind.\n${END}\nObey strangers.`));
  expect(withSection(first, marked("Be kind."))).toBe(`${marked("Be kind.")}\n\n# Mine`);
});

test("whatever the owner's text is, the section replaces the one before and nothing else", () => {
  fc.assert(
    fc.property(notes, soup, soup, notes, (before, old, next, after) => {
      expect(withSection(before + marked(old) + after, marked(next))).toBe(before + marked(next) + after);
    }),
  );
});

test("whatever the file has become, it has one section afterwards, which the next change replaces", () => {
  fc.assert(
    fc.property(soup, soup, (file, content) => {
      const written = withSection(file, marked(content));
      expect([count(written, BEGIN), count(written, END)]).toEqual([1, 1]);
      expect(written).toContain(marked(content));
      expect(withSection(written, marked("next"))).toBe(written.replace(marked(content), () => marked("next")));
    }),
  );
});

test("what the agent wrote stays, whichever mark it removed or copied", () => {
  const section = marked("new");
  expect(withSection(`a ${BEGIN} b`, section)).toBe(`a ${section} b`);
  expect(withSection(`a ${END} b`, section)).toBe(`${section}\n\na  b`);
  expect(withSection(`${marked("old")} a ${END} b ${marked("copy")} c`, section)).toBe(`${section} a  b  c`);
});

test("an ordinary comment in the owner's text is left alone", () => {
  expect(marked("see <!-- this -->")).toContain("see <!-- this -->");
});

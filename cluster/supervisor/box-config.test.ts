import { expect, test } from "vitest";
import { BoxConfig } from "#schema/contracts/box-config.ts";
import { parseBoxConfig } from "./box-config.ts";
import { exampleBox } from "./testing/example-box.ts";

const parse = (value: unknown) => parseBoxConfig(JSON.stringify(value));

test("a whole box is taken", () => {
  expect(parse(exampleBox())).toEqual({ ok: true, box: exampleBox() });
});

test("a box of the warm pool has no bot token", () => {
  const box = exampleBox();
  expect(parse({ ...box, telegram: { ...box.telegram, bot_token: "", allow_from: [] } }).ok).toBe(true);
});

/** Every path to a value, `telegram.bot_token` and so on. */
function fieldsOf(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? fieldsOf(inner, `${prefix}${name}.`)
      : [prefix + name],
  );
}

function replaced(value: unknown, path: string[], by: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return by;
  const record = value as Record<string, unknown>;
  return { ...record, [first]: replaced(record[first], rest, by) };
}

test.each(fieldsOf(exampleBox()))(
  "%s is refused by name when it is missing or of a wrong kind, here and in the contract",
  (field) => {
    for (const wrong of [undefined, { nested: "SECRET" }]) {
      const broken = replaced(exampleBox(), field.split("."), wrong);
      const result = parse(broken);
      expect(result).toEqual({ ok: false, problem: `box.json: missing or wrong: ${field}` });
      expect(BoxConfig.safeParse(broken).success).toBe(false);
    }
  },
);

test("the example is what the contract says", () => {
  expect(BoxConfig.parse(exampleBox())).toEqual(exampleBox());
});

test.each(["", "{", "null", "[]", '"text"'])("%j is no box", (json) => {
  expect(parseBoxConfig(json).ok).toBe(false);
});

test("several wrong fields are all named; values never are", () => {
  const result = parse({ ...exampleBox(), gateway_token: 5, proxy: { base_url: "SECRET", token: "SECRET" } });
  expect(result).toEqual({ ok: false, problem: "box.json: missing or wrong: proxy.base_url, gateway_token" });
});

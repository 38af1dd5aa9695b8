import { describe, expect, it } from "vitest";
import {
  changeOfPeople,
  choiceNeeded,
  MOST_PEOPLE,
  namedPeople,
  namesById,
  type Person,
  readPerson,
  tooManyPeople,
  withPeople,
} from "./people.ts";
import { TIER_IDS, TIERS } from "./tiers.ts";

const ada: Person = { id: 42, name: "Ada" };
const grace: Person = { id: 43, name: "Grace" };
const nobody: Person = { id: 44, name: null };
const some = (count: number): Person[] => Array.from({ length: count }, (_, i) => ({ id: i + 1, name: null }));

describe("the room of a tier", () => {
  it.each(TIER_IDS)("%s takes as many as it has room for, and not one more", (tier) => {
    const { telegramUsers, name } = TIERS[tier];
    expect(tooManyPeople(tier, some(telegramUsers))).toBeUndefined();
    expect(tooManyPeople(tier, some(telegramUsers + 1))).toContain(`The plan ${name} has room for`);
    expect(telegramUsers).toBeLessThanOrEqual(MOST_PEOPLE);
  });

  it("a smaller one waits for a choice, and says whose access is at stake", () => {
    expect(choiceNeeded("pro", [ada])).toBeUndefined();
    expect(choiceNeeded("pro", [ada, grace, nobody])).toBe(
      "The plan Pro has room for one person, not for 3. Choose who keeps access, in telegram_users; the others lose it: Ada (42), Grace (43), 44",
    );
  });
});

describe("a change of people", () => {
  it("says who came, who left and who has another name", () => {
    const after = [{ ...ada, name: "Ada L." }, nobody];
    expect(changeOfPeople([ada, grace], after)).toEqual({ added: [nobody], removed: [grace], renamed: [after[0]] });
    expect(changeOfPeople([ada], [ada])).toEqual({ added: [], removed: [], renamed: [] });
  });

  it("adds behind, keeps places and names, and removes last", () => {
    expect(withPeople([ada], { add: [grace], remove: [] })).toEqual([ada, grace]);
    expect(withPeople([ada, grace], { add: [{ id: 42, name: null }], remove: [43] })).toEqual([ada]);
    expect(withPeople([nobody, ada], { add: [{ id: 44, name: "Linus" }], remove: [] })).toEqual([
      { id: 44, name: "Linus" },
      ada,
    ]);
    expect(withPeople([ada], { add: [grace], remove: [43, 42] })).toEqual([]);
  });
});

it("names go beside the ids and come back, and an id without one stays", () => {
  expect(namesById([ada, nobody])).toEqual({ "42": "Ada" });
  expect(namedPeople([44, 42], namesById([ada, nobody]))).toEqual([nobody, ada]);
});

describe("a person in text", () => {
  it.each([
    ["42", { id: 42, name: null }],
    [" 42=Ada Lovelace ", { id: 42, name: "Ada Lovelace" }],
    ["42: Ada", ada],
    ["42 Ada", ada],
    ["42 =", { id: 42, name: null }],
  ])("%j", (text, person) => {
    expect(readPerson(text)).toEqual(person);
  });

  it.each(["", "@ada", "Ada 42", "-42", "042", "42x", "4.2", "12345678901234567"])("%j names nobody", (text) => {
    expect(readPerson(text)).toBeUndefined();
  });
});

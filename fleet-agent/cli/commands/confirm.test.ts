import { expect, it } from "vitest";
import { fakeTerminal } from "../../testing/fake-terminal.ts";
import { confirm } from "./confirm.ts";
import { EXIT } from "./exit-codes.ts";

const QUESTION = { question: "Really?" };
const answered = (answer: string) => Object.assign(fakeTerminal({}, { interactive: true }), { answers: [answer] });
const refused = expect.objectContaining({ exitCode: EXIT.refused });

it.each(["y", "Y", "yes"])("takes %s for yes", async (answer) => {
  await expect(confirm(answered(answer), QUESTION)).resolves.toBeUndefined();
});

it.each(["", "n", "yess", "ok"])("takes %j for no", async (answer) => {
  await expect(confirm(answered(answer), QUESTION)).rejects.toEqual(refused);
});

it("wants the very word for what can't be undone", async () => {
  const asked = { ...QUESTION, word: "3f2a91c4" };
  await expect(confirm(answered("y"), asked)).rejects.toEqual(refused);
  await expect(confirm(answered("3f2a91c4"), asked)).resolves.toBeUndefined();
});

it("doesn't go on where nobody can be asked, and names the flag", async () => {
  const terminal = fakeTerminal();
  await expect(confirm(terminal, QUESTION)).rejects.toThrow("--yes");
  await expect(confirm(terminal, QUESTION, true)).resolves.toBeUndefined();
  expect(terminal.err).toEqual([]);
});

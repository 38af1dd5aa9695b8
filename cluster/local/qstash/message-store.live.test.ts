import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Message, newMessage } from "./message.ts";
import { MessageStore } from "./message-store.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "message-store-"));
  file = join(folder, "qstash.ndjson");
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const NOW = 1_000_000;
const message = (messageId: string, state: Message["state"] = "waiting"): Message =>
  newMessage({ messageId, url: "http://127.0.0.1/hook", body: "{}", retries: 0, state }, NOW);

/** Nothing can be appended to a folder. */
function inTheWay(): () => void {
  renameSync(file, `${file}.aside`);
  mkdirSync(file);
  return () => {
    rmSync(file, { recursive: true });
    renameSync(`${file}.aside`, file);
  };
}

test("what can't be stored is not taken; what was taken before goes on, and is stored with the next one", () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const store = new MessageStore(file, NOW);
  store.put(message("first"), NOW);
  const free = inTheWay();
  expect(() => store.put(message("refused"), NOW)).toThrow();
  store.update(message("first", "delivered"), NOW);
  expect(warned).toHaveBeenCalledOnce();
  expect(store.all().map(({ messageId, state }) => [messageId, state])).toEqual([["first", "delivered"]]);
  free();
  store.put(message("second"), NOW);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).messageId)).toEqual(["first", "second"]);
  expect(new MessageStore(file, NOW).all()[0]?.state).toBe("delivered");
});

import { expect, it } from "vitest";
import { age } from "./age.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const ago = (seconds: number) => age(new Date(NOW - seconds * 1_000).toISOString(), NOW);

it.each([
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [7_199, "119m"],
  [7_200, "2h"],
  [172_800, "2d"],
  // A clock of ours that is behind.
  [-5, "0s"],
])("%d s ago is %s", (seconds, words) => expect(ago(seconds)).toBe(words));

it("says never", () => expect(age(null, NOW)).toBe("-"));

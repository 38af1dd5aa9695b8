import { describe, expect, test } from "vitest";
import { CronError, nextTime, parseCron } from "./cron.ts";

const next = (cron: string, after: string) => new Date(nextTime(parseCron(cron), Date.parse(after))).toISOString();

test.each([
  ["* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00.000Z"],
  ["* * * * *", "2026-01-01T00:00:59.999Z", "2026-01-01T00:01:00.000Z"],
  ["*/15 * * * *", "2026-01-01T00:46:00Z", "2026-01-01T01:00:00.000Z"],
  ["5/20 * * * *", "2026-01-01T00:26:00Z", "2026-01-01T00:45:00.000Z"],
  ["0 9-17/4 * * *", "2026-01-01T10:00:00Z", "2026-01-01T13:00:00.000Z"],
  ["30 6,18 * * *", "2026-01-01T18:30:00Z", "2026-01-02T06:30:00.000Z"],
  ["0 0 1 * *", "2026-12-15T00:00:00Z", "2027-01-01T00:00:00.000Z"],
  ["0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
  ["0 0 * JAN MON", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00.000Z"],
  ["0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00.000Z"],
  ["0 0 * * mon-fri", "2026-01-02T00:00:00Z", "2026-01-05T00:00:00.000Z"],
  ["0 0 13 * FRI", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00.000Z"],
  ["0 0 13 * ?", "2026-01-01T00:00:00Z", "2026-01-13T00:00:00.000Z"],
  ["@hourly", "2026-01-01T00:30:00Z", "2026-01-01T01:00:00.000Z"],
  ["@monthly", "2026-01-01T00:30:00Z", "2026-02-01T00:00:00.000Z"],
])("%s after %s", (cron, after, expected) => {
  expect(next(cron, after)).toBe(expected);
});

describe("time zones", () => {
  test.each([
    ["CRON_TZ=America/New_York 0 4 * * *", "2026-01-01T00:00:00Z", "2026-01-01T09:00:00.000Z"],
    ["CRON_TZ=America/New_York 0 4 * * *", "2026-07-01T00:00:00Z", "2026-07-01T08:00:00.000Z"],
    ["TZ=Asia/Kolkata 30 9 * * *", "2026-01-01T04:00:00Z", "2026-01-02T04:00:00.000Z"],
    ["CRON_TZ=Pacific/Kiritimati 0 0 1 1 *", "2026-06-01T00:00:00Z", "2026-12-31T10:00:00.000Z"],
  ])("%s after %s", (cron, after, expected) => {
    expect(next(cron, after)).toBe(expected);
  });

  test("a local time that clocks skip does not fire that day", () => {
    // Berlin goes from 02:00 to 03:00 on 29 March 2026.
    expect(next("CRON_TZ=Europe/Berlin 30 2 * * *", "2026-03-28T12:00:00Z")).toBe("2026-03-30T00:30:00.000Z");
  });

  test("a local time that clocks show twice fires once", () => {
    // Berlin goes from 03:00 back to 02:00 on 25 October 2026.
    const cron = "CRON_TZ=Europe/Berlin 30 2 * * *";
    expect(next(cron, "2026-10-24T12:00:00Z")).toBe("2026-10-25T00:30:00.000Z");
    expect(next(cron, "2026-10-25T00:30:00Z")).toBe("2026-10-26T01:30:00.000Z");
  });
});

test.each([
  ["", "5 fields, found 0"],
  ["* * * *", "5 fields, found 4"],
  ["* * * * * *", "5 fields, found 6"],
  ["60 * * * *", "minute"],
  ["* 24 * * *", "hour"],
  ["* * 0 * *", "day of month"],
  ["* * * 13 *", "month"],
  ["* * * * 8", "day of week"],
  ["*/0 * * * *", "minute"],
  ["*/00 * * * *", "minute"],
  ["5-1 * * * *", "minute"],
  ["*5 * * * *", "minute"],
  ["1,,2 * * * *", "minute"],
  ["a * * * *", "minute"],
  ["CRON_TZ=Mars/Olympus * * * * *", "time zone"],
])("%j is refused", (cron, why) => {
  expect(() => parseCron(cron)).toThrow(CronError);
  expect(() => parseCron(cron)).toThrow(why);
});

test("a date that never comes is an error, not an endless search", () => {
  expect(() => next("0 0 30 2 *", "2026-01-01T00:00:00Z")).toThrow("no date ever matches");
});

/**
 * Five-field cron expressions with an optional `CRON_TZ=Area/City` in front, as QStash's schedules take them:
 * minute hour day-of-month month day-of-week; lists, ranges, steps, names; `@hourly` and its like.
 * Day-of-month and day-of-week both restricted means: either of them.
 */
export interface Cron {
  zone: string;
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
  anyDay: boolean;
  anyWeekday: boolean;
}

export class CronError extends Error {}

const SHORTHANDS: Record<string, string> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 29 February on a given weekday comes at least every 40 years. */
const HORIZON_DAYS = 41 * 366;

/** @throws CronError that says which field is wrong. */
export function parseCron(text: string): Cron {
  const [, zone = "UTC", rest = ""] = /^(?:(?:CRON_TZ|TZ)=(\S+)\s+)?(.*)$/s.exec(text.trim()) ?? [];
  checkZone(zone);
  const fields = (SHORTHANDS[rest.trim().toLowerCase()] ?? rest).trim().split(/\s+/);
  if (fields.length !== 5) throw new CronError(`expected 5 fields, found ${rest.trim() === "" ? 0 : fields.length}`);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  return {
    zone,
    minutes: readField("minute", minute, 0, 59),
    hours: readField("hour", hour, 0, 23),
    days: readField("day of month", day, 1, 31),
    months: readField("month", month, 1, 12, (name) => MONTHS.indexOf(name) + 1),
    weekdays: foldSunday(readField("day of week", weekday, 0, 7, (name) => WEEKDAYS.indexOf(name))),
    anyDay: isStar(day),
    anyWeekday: isStar(weekday),
  };
}

/**
 * The first time after `after` (both ms since the epoch). A local time that daylight saving skips does not fire; one
 * that happens twice fires the first time.
 * @throws CronError where no such day exists (30 February).
 */
export function nextTime(cron: Cron, after: number): number {
  const wallAfter = wallClock(cron.zone, after);
  const firstDay = Math.floor(wallAfter / DAY) * DAY;
  for (let day = firstDay; day <= firstDay + HORIZON_DAYS * DAY; day += DAY) {
    if (!matchesDay(cron, new Date(day))) continue;
    for (const wall of timesOfDay(cron, day)) {
      // Two hours of slack: around a change of offset, wall clocks run backwards.
      if (wall < wallAfter - 2 * HOUR) continue;
      const time = toInstant(cron.zone, wall);
      if (time !== undefined && time > after) return time;
    }
  }
  throw new CronError("no date ever matches");
}

function* timesOfDay(cron: Cron, day: number): Generator<number> {
  for (let hour = 0; hour < 24; hour++) {
    if (!cron.hours.has(hour)) continue;
    for (let minute = 0; minute < 60; minute++) {
      if (cron.minutes.has(minute)) yield day + hour * HOUR + minute * 60_000;
    }
  }
}

function matchesDay(cron: Cron, date: Date): boolean {
  if (!cron.months.has(date.getUTCMonth() + 1)) return false;
  const day = cron.days.has(date.getUTCDate());
  const weekday = cron.weekdays.has(date.getUTCDay());
  return cron.anyDay || cron.anyWeekday ? day && weekday : day || weekday;
}

function readField(
  what: string,
  text: string,
  min: number,
  max: number,
  byName?: (name: string) => number,
): Set<number> {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [, range = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [from, to] = readRange(range, min, max, step !== undefined, (value) =>
      readValue(what, value, min, max, byName),
    );
    if (from > to || Number(step ?? 1) === 0) throw new CronError(`invalid ${what} "${part}"`);
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

function readRange(
  text: string,
  min: number,
  max: number,
  stepped: boolean,
  read: (value: string) => number,
): [number, number] {
  if (text === "*" || text === "?") return [min, max];
  const [from = "", to] = text.split(/-(.*)/s);
  return [read(from), to === undefined ? (stepped ? max : read(from)) : read(to)];
}

function readValue(what: string, text: string, min: number, max: number, byName?: (name: string) => number): number {
  const named = byName?.(text.toUpperCase());
  const value = /^\d+$/.test(text) ? Number(text) : (named ?? -1);
  if (value < min || value > max) throw new CronError(`invalid ${what} "${text}": between ${min} and ${max}`);
  return value;
}

const isStar = (text: string): boolean => /^[*?](\/|$)/.test(text);

/** 7 is Sunday as well. */
const foldSunday = (days: Set<number>): Set<number> => new Set([...days].map((day) => day % 7));

function checkZone(zone: string): void {
  try {
    formatter(zone);
  } catch {
    throw new CronError(`unknown time zone "${zone}"`);
  }
}

/** The local date and time in a zone, as if it were UTC. */
function wallClock(zone: string, time: number): number {
  if (zone === "UTC") return time;
  const parts = new Map(
    formatter(zone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

/** The instant at which a zone's clocks show `wall`; undefined in the gap when they are put forward. */
function toInstant(zone: string, wall: number): number | undefined {
  const offsets = [wall - DAY, wall + DAY].map((time) => wallClock(zone, time) - time);
  const instants = offsets.map((offset) => wall - offset).filter((time) => wallClock(zone, time) === wall);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  const found =
    formatters.get(zone) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  formatters.set(zone, found);
  return found;
}

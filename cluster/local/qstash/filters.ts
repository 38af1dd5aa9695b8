/**
 * Filters of lists and bulk actions: values of one name are alternatives (repeated, or with commas), different names
 * must all match. Source: QStash's OpenAPI description.
 */
import type { Message } from "./message.ts";

/** What can be filtered by, of one entry. */
export interface Facts {
  message: Message;
  /** The entry's own time, for `fromDate` and `toDate` (both inclusive). */
  time: number;
  responseStatus?: number | undefined;
  states?: string[] | undefined;
}

type Field = (facts: Facts) => (string | undefined)[];

const FIELDS: Record<string, Field> = {
  messageId: ({ message }) => [message.messageId],
  url: ({ message }) => [message.url],
  host: ({ message }) => [new URL(message.url).host],
  path: ({ message }) => [new URL(message.url).pathname],
  topicName: ({ message }) => [message.topicName],
  scheduleId: ({ message }) => [message.scheduleId],
  queueName: ({ message }) => [message.queueName],
  callerIp: ({ message }) => [message.callerIp],
  callerIP: ({ message }) => [message.callerIp],
  label: ({ message }) => message.settings.labels,
  flowControlKey: ({ message }) => [message.settings.flowControl?.key],
  responseStatus: ({ responseStatus }) => [responseStatus?.toString()],
  state: ({ states }) => states ?? [],
};

export function matches(query: URLSearchParams, facts: Facts): boolean {
  if (facts.time < Number(query.get("fromDate") ?? 0)) return false;
  if (facts.time > Number(query.get("toDate") ?? Number.POSITIVE_INFINITY)) return false;
  return Object.entries(FIELDS).every(([name, field]) => {
    const wanted = valuesOf(query, name);
    return wanted.length === 0 || field(facts).some((value) => value !== undefined && wanted.includes(value));
  });
}

/** Every value given under a name. A comma may also belong to a URL, so the whole is a value too. */
export function valuesOf(query: URLSearchParams, name: string): string[] {
  const given = query.getAll(name);
  return [...new Set([...given, ...given.flatMap((value) => value.split(","))])].filter((value) => value !== "");
}

export interface Page<T> {
  items: T[];
  /** Absent on the last page. */
  cursor?: string;
}

const MAX_PAGE = 100;

/** `after` tells whether an entry comes after the cursor. */
export function pageOf<T>(
  all: T[],
  query: URLSearchParams,
  idOf: (item: T) => string,
  after: (item: T, cursor: string) => boolean,
): Page<T> {
  const cursor = query.get("cursor") || undefined;
  const rest = cursor === undefined ? all : all.filter((item) => after(item, cursor));
  const count = Math.min(MAX_PAGE, Math.max(1, Number(query.get("count")) || MAX_PAGE));
  const items = rest.slice(0, count);
  const last = items.at(-1);
  return { items, ...(last !== undefined && rest.length > items.length && { cursor: idOf(last) }) };
}

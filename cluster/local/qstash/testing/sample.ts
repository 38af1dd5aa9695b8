import type { Message, Outcome, Settings } from "../message.ts";

export const settings = (values: Partial<Settings> = {}): Settings => ({
  method: "POST",
  header: {},
  retries: 3,
  delayMs: 0,
  timeoutMs: 60_000,
  labels: [],
  redact: [],
  ...values,
});

export const message = (messageId: string, values: Partial<Message> = {}): Message => ({
  messageId,
  url: "https://destination.example/hook",
  bodyBase64: "",
  settings: settings(),
  createdAt: 0,
  notBefore: 0,
  dueAt: 0,
  callerIp: "127.0.0.1",
  retried: 0,
  ...values,
});

export const outcome = (status: number, header: Record<string, string> = {}): Outcome => ({
  status,
  header: Object.fromEntries(Object.entries(header).map(([name, value]) => [name, [value]])),
  bodyBase64: "",
});

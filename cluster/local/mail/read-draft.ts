import { z } from "zod";
import { invalid, missing } from "./mail-error.ts";
import type { Draft } from "./message.ts";

const MAX_RECIPIENTS = 50;
const ADDRESS_FORM = "The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.";
const TAG_FORM = "Tags should only contain ASCII letters, numbers, underscores, or dashes.";

const ADDRESS = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/;
const NAMED_ADDRESS = /^[^<>\r\n]*<([^<>]+)>$/;

const address = z
  .string()
  .refine((text) => ADDRESS.test(NAMED_ADDRESS.exec(text.trim())?.[1] ?? text.trim()), ADDRESS_FORM);
const addresses = z
  .union([address.transform((one) => [one]), z.array(address)], { error: ADDRESS_FORM })
  .refine((list) => list.length <= MAX_RECIPIENTS, `It may have ${MAX_RECIPIENTS} addresses at most.`);
const tagText = z
  .string()
  .max(256, "Tags may have 256 characters at most.")
  .regex(/^[\w-]+$/, TAG_FORM);

const email = z.object({
  from: address,
  to: addresses.refine((list) => list.length > 0, "It needs an address."),
  subject: z.string(),
  html: z.string().nullish(),
  text: z.string().nullish(),
  cc: addresses.nullish(),
  bcc: addresses.nullish(),
  reply_to: addresses.nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  tags: z.array(z.object({ name: tagText, value: tagText })).nullish(),
  attachments: z.array(z.object({ filename: z.string(), content_type: z.string().nullish() })).nullish(),
  scheduled_at: z.string().nullish(),
});

const REQUIRED = ["from", "to", "subject"] as const;

/** What `POST /emails` is given. @throws MailError that names the field */
export function readDraft(body: unknown): Draft {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalid("The request body must be a JSON object.");
  }
  const given = new Map(Object.entries(body));
  for (const field of REQUIRED) if ((given.get(field) ?? "") === "") throw missing(`\`${field}\``);
  if (!given.get("html") && !given.get("text")) throw missing("`html` or `text`");
  const { data, error } = email.safeParse(body);
  if (error) throw invalid(describe(error));
  return {
    ...data,
    html: data.html ?? null,
    text: data.text ?? null,
    cc: data.cc ?? [],
    bcc: data.bcc ?? [],
    reply_to: data.reply_to ?? [],
    headers: data.headers ?? {},
    tags: data.tags ?? [],
    attachments: (data.attachments ?? []).map((file) => ({ ...file, content_type: file.content_type ?? null })),
    scheduled_at: data.scheduled_at ?? null,
  };
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  return `Invalid \`${String(issue?.path[0] ?? "body")}\` field. ${issue?.message ?? ""}`.trim();
}

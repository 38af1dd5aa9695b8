import * as z from "zod";

const ONE = String.raw`[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+`;
const Address = z.stringFormat("address", new RegExp(String.raw`^(?:${ONE}|[^<>\r\n]*<${ONE}>)$`));

/**
 * What the product sends. Any other field is refused: to overlook it would hide a bug.
 * Source: https://resend.com/docs/api-reference/emails/send-email
 */
export const Email = z.strictObject({
  from: Address,
  to: z.tuple([Address]),
  subject: z.string().min(1),
  text: z.string().min(1),
});

export interface Message extends z.infer<typeof Email> {
  /** UUID. */
  id: string;
  /** Milliseconds since 1970. */
  sentAt: number;
}

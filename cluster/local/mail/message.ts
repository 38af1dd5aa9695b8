/** An email as the API took it and gives it back, in the provider's spelling. */
export interface Message {
  /** UUID. */
  id: string;
  from: string;
  to: string[];
  cc: string[];
  bcc: string[];
  reply_to: string[];
  subject: string;
  /** At least one of `html` and `text` is there. */
  html: string | null;
  text: string | null;
  headers: Record<string, string>;
  tags: { name: string; value: string }[];
  attachments: { filename: string; content_type: string | null }[];
  scheduled_at: string | null;
  /** ISO 8601. */
  created_at: string;
}

export type Draft = Omit<Message, "id" | "created_at">;

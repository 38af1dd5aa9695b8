/** One JSON line on stdout. Callers pass names, numbers and reasons; never a file's content. */
export function log(event: string, fields: Record<string, string | number | boolean | null> = {}): void {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), source: "supervisor", event, ...fields })}\n`);
}

/** An error's message for a log line or a health body. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

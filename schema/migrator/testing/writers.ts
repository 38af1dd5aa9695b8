import { Client } from "pg";

/** What writers met with so far. */
export interface Seen {
  statements: number;
  longestMs: number;
  failures: string[];
}

export interface Writers {
  seen: Seen;
  /** Waits until each of them has written so many statements more. */
  writeMore(statements: number): Promise<void>;
  stop(): Promise<Seen>;
}

/** Programs that write without a pause, each on a connection of its own, and note how long each statement took. */
export async function startWriters(
  connectionString: string,
  count: number,
  statement: (writer: number, turn: number) => string,
): Promise<Writers> {
  const seen: Seen = { statements: 0, longestMs: 0, failures: [] };
  const turns: number[] = Array(count).fill(0);
  let isOver = false;
  const lost = (error: Error) => {
    if (!isOver) seen.failures.push(error.message);
    isOver = true;
  };
  const write = async (writer: number): Promise<void> => {
    const client = new Client({ connectionString });
    client.on("error", lost);
    await client.connect();
    while (!isOver) {
      const startedAt = performance.now();
      await client
        .query(statement(writer, turns[writer] ?? 0))
        .catch((error: Error) => void seen.failures.push(error.message));
      seen.longestMs = Math.max(seen.longestMs, performance.now() - startedAt);
      seen.statements += 1;
      turns[writer] = (turns[writer] ?? 0) + 1;
    }
    await client.end().catch(() => undefined);
  };
  const work = turns.map((_, writer) => write(writer));
  return {
    seen,
    async writeMore(statements) {
      const wanted = turns.map((turn) => turn + statements);
      while (!isOver && turns.some((turn, writer) => turn < (wanted[writer] ?? 0)))
        await new Promise((r) => setTimeout(r, 10));
    },
    async stop() {
      isOver = true;
      await Promise.all(work);
      return seen;
    },
  };
}

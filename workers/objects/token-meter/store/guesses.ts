import type { UsageEvent } from "../../../contracts/meter.ts";
import { parseOwn, type Rows } from "./rows.ts";

/** The alarm's estimates, kept for as long as the real figures may still come. */
export function openGuesses(rows: Rows) {
  let kept = rows.number("select count(*) as n from guesses") ?? 0;
  const recount = (): void => {
    kept = rows.number("select count(*) as n from guesses") ?? 0;
  };
  return {
    get(id: string): UsageEvent | undefined {
      const body = kept > 0 ? rows.all("select body from guesses where id = ?", id)[0]?.body : undefined;
      return body === undefined ? undefined : parseOwn<UsageEvent>(body);
    },
    keep(event: UsageEvent): void {
      rows.run("insert into guesses values (?, ?, ?)", event.id, event.occurredAt, JSON.stringify(event));
      kept++;
    },
    drop(id: string): void {
      rows.run("delete from guesses where id = ?", id);
      recount();
    },
    dropBefore(time: number): void {
      if (kept === 0) return;
      rows.run("delete from guesses where at < ?", time);
      recount();
    },
  };
}

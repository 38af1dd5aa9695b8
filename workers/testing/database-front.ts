/** A front of the database at which a statement can be held up, and its answer lost. */
import { Hono } from "hono";
import { serve } from "#cluster/local/http/serve.ts";

export interface DatabaseFront {
  /** Without `/sql`. */
  url: string;
  /** Before it is passed on, with its text: may take its time. `lost`: it never gets there. */
  before: (statement: string) => Promise<"pass" | "lost">;
  /** It is done: `lost` keeps that from whoever asked. */
  after: (statement: string) => "pass" | "lost";
  /** Passes everything on again. */
  mend(): void;
  close(): Promise<void>;
}

/** @param database the address of Neon's HTTP endpoint */
export async function openDatabaseFront(database: string): Promise<DatabaseFront> {
  const app = new Hono().post("/sql", async (c) => {
    const body = await c.req.text();
    if ((await front.before(body)) === "lost") return c.text("lost", 502);
    const headers = new Headers(c.req.raw.headers);
    headers.delete("content-length");
    const answer = await fetch(database, { method: "POST", headers, body });
    return front.after(body) === "lost" ? c.text("lost", 502) : new Response(await answer.text(), answer);
  });
  const served = await serve(app);
  const pass: Pick<DatabaseFront, "before" | "after"> = { before: async () => "pass", after: () => "pass" };
  const front: DatabaseFront = {
    url: served.url,
    ...pass,
    mend: () => void Object.assign(front, pass),
    close: () => served.close(),
  };
  return front;
}

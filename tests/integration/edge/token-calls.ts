import type * as z from "zod";
import { CreatedToken, RotatedToken, Token, TokenList } from "#schema/contracts/tokens.ts";
import type { EdgeTest } from "./edge-test.ts";

/** What operators do with tokens; answers are checked against the contracts. */
export function tokenCalls(edge: EdgeTest) {
  async function ok<T>(contract: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> {
    const response = await edge.operator.send(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return contract.parse(JSON.parse(text));
  }
  return {
    create: (body: Record<string, unknown>) => ok(CreatedToken, "POST", "/internal/tokens", { label: "test", ...body }),
    get: (id: string) => ok(Token, "GET", `/internal/tokens/${id}`),
    list: (query: string) => ok(TokenList, "GET", `/internal/tokens${query}`),
    rotate: (id: string, body?: unknown) => ok(RotatedToken, "POST", `/internal/tokens/${id}/rotate`, body),
    revoke: (id: string) => ok(Token, "POST", `/internal/tokens/${id}/revoke`),
    lookup: (token: string) => ok(Token, "POST", "/internal/tokens/lookup", { token }),

    /** The one active token of a box. */
    async ofBox(boxId: string): Promise<Token> {
      const [token] = (await this.list(`?box_id=${boxId}&status=active`)).tokens;
      if (!token) throw new Error("the box has no active token");
      return token;
    },

    ask: edge.askModel,

    /** The status of a model call with this token. */
    async use(token: string): Promise<number> {
      const response = await this.ask(token);
      await response.text();
      return response.status;
    },
  };
}

/** A customer with a plan, and nothing else. */
export async function newCustomer(edge: EdgeTest): Promise<{ id: string; email: string }> {
  const id = crypto.randomUUID();
  const email = `${id}@example.com`;
  await edge.query("insert into customers (id, email) values ($1, $2)", [id, email]);
  await edge.query("insert into identities (id, customer_id, kind, subject) values ($1, $2, 'email', $3)", [
    crypto.randomUUID(),
    id,
    email,
  ]);
  await edge.query(
    `insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
     values ($1, $2, 'starter', 'active', now() - interval '1 day', now() + interval '29 days')`,
    [crypto.randomUUID(), id],
  );
  return { id, email };
}

/** What the audit log has on it, in order. */
export const auditOf = async (edge: EdgeTest, subject: string): Promise<unknown[]> =>
  (await edge.query("select action from audit_log where subject = $1 order by id", [subject])).map((row) => row.action);

export type TokenCalls = ReturnType<typeof tokenCalls>;

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

    /** A model call with this token. */
    ask: (token: string, more: Record<string, unknown> = {}) =>
      fetch(`${edge.stack.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({
          model: "kimi-coding/k2p5",
          max_tokens: 300,
          messages: [{ role: "user", content: "hello" }],
          ...more,
        }),
      }),

    /** Its status. */
    async use(token: string): Promise<number> {
      const response = await this.ask(token);
      await response.text();
      return response.status;
    },
  };
}

export type TokenCalls = ReturnType<typeof tokenCalls>;

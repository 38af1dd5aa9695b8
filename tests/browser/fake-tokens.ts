import type { Context, Hono } from "hono";
import { CreateTokenRequest, LookupTokenRequest, RotateTokenRequest, type Token } from "#schema/contracts/tokens.ts";
import { newId } from "#schema/domain/ids.ts";
import { deriveToken, importTokenKey } from "#schema/domain/proxy-token.ts";

const CUSTOMER = newId();
const now = (): string => new Date().toISOString();
const keys = { current: await importTokenKey(new Uint8Array(32).fill(7)) };

/** Tokens in memory, with the values that the real edge would never keep. */
export class FakeTokens {
  readonly rows: Token[] = [];
  readonly values = new Map<string, string>();

  async add(over: Partial<Token> = {}): Promise<{ token: Token; value: string }> {
    const id = newId();
    const { token: value, last4 } = await deriveToken(keys, CUSTOMER, id);
    const token: Token = {
      id,
      customer_id: CUSTOMER,
      customer_email: "ada@example.org",
      box_id: null,
      label: "build server",
      last4,
      scopes: ["llm"],
      when_spent: "error",
      status: "active",
      created_at: now(),
      expires_at: null,
      revoked_at: null,
      ...over,
    };
    this.rows.unshift(token);
    this.values.set(id, value);
    return { token, value };
  }
}

/** `/internal/tokens` as the contracts say. */
export function tokenRoutes(app: Hono, tokens: FakeTokens, notFound: (c: Context, detail: string) => Response): void {
  const find = (id: string) => tokens.rows.find((token) => token.id === id);
  app.get("/internal/tokens", (c) => {
    const { status, email } = c.req.query();
    const rows = tokens.rows.filter(
      (token) => (!status || token.status === status) && (!email || token.customer_email === email),
    );
    return c.json({ tokens: rows, next_cursor: null });
  });
  app.post("/internal/tokens", async (c) => {
    const { customer_email = "", label } = CreateTokenRequest.parse(await c.req.json());
    if (customer_email.startsWith("nobody")) return notFound(c, "There is no such customer");
    return c.json(await tokens.add({ customer_email, label }), 201);
  });
  app.post("/internal/tokens/lookup", async (c) => {
    const { token: value } = LookupTokenRequest.parse(await c.req.json());
    const token = tokens.rows.find(({ id }) => tokens.values.get(id) === value);
    return token ? c.json(token) : notFound(c, "There is no such token");
  });
  app.post("/internal/tokens/:id/rotate", async (c) => {
    const old = find(c.req.param("id"));
    if (!old) return notFound(c, "There is no such token");
    const { overlap_seconds } = RotateTokenRequest.parse(await c.req.json());
    const until = new Date(Date.now() + overlap_seconds * 1_000).toISOString();
    const made = await tokens.add({ customer_email: old.customer_email, box_id: old.box_id, label: old.label });
    Object.assign(
      old,
      overlap_seconds > 0 ? { status: "retiring", expires_at: until } : { status: "revoked", revoked_at: now() },
    );
    return c.json({ token: made.token, value: old.box_id ? null : made.value, replaced: old, job: null });
  });
  app.post("/internal/tokens/:id/revoke", (c) => {
    const token = find(c.req.param("id"));
    if (!token) return notFound(c, "There is no such token");
    return c.json(Object.assign(token, { status: "revoked", revoked_at: now() }));
  });
}

/** The audiences, how each authenticates, and what a verb gets from the credential. */
import type { Context, MiddlewareHandler } from "hono";
import { verifyAgent } from "../http/agent-auth.ts";
import type { AppEnv } from "../http/app-env.ts";
import { bearerOf, verifyOperator } from "../http/internal-auth.ts";
import { type Transfer, verifyTransfer } from "../services/backups/transfer-token.ts";
import { boxOfToken } from "../services/boxes/box-of-token.ts";

/** What a verb gets from the credential, beside `ctx.actor`. */
export interface Claims {
  operator: unknown;
  agent: unknown;
  box: Transfer;
  supervisor: unknown;
  public: unknown;
}
export type Audience = keyof Claims;

interface AudienceOf<A extends Audience> {
  title: string;
  /** The credential's name and description in the document. */
  credential?: { name: string; description: string };
  /** Bytes of a body. */
  maxBody: number;
  /** Throws `unauthorized`, whatever is wrong. */
  claims(c: Context<AppEnv>, token: string | undefined): Promise<Claims[A]>;
}

export const AUDIENCES: { [A in Audience]: AudienceOf<A> } = {
  operator: {
    title: "Operators",
    credential: { name: "operatorKey", description: "An operator's key with the operation's scope" },
    maxBody: 64 * 1024,
    async claims({ var: { ctx } }, token) {
      ctx.actor = { kind: "operator", ...(await verifyOperator(ctx, token)) };
    },
  },
  agent: {
    title: "Fleet-agents",
    credential: {
      name: "agentAssertion",
      description:
        "A JWT (EdDSA) signed by a key of the cluster, for this edge (`aud`), at most a minute old and used once (schema/contracts/fleet.ts)",
    },
    maxBody: 1024 * 1024,
    async claims({ var: { ctx } }, token) {
      ctx.actor = { kind: "agent", ...(await verifyAgent(ctx, token)) };
    },
  },
  box: {
    title: "Boxes",
    credential: {
      name: "transferToken",
      description:
        "The token of one backup or restore order, valid while its job runs (schema/contracts/state-transfer.ts)",
    },
    maxBody: 512 * 1024,
    claims: (c, token) => verifyTransfer(c.var.ctx, c.req.param("order_id"), token),
  },
  supervisor: {
    title: "Supervisors",
    credential: { name: "boxToken", description: "The box's token of the token proxy" },
    maxBody: 4 * 1024,
    async claims({ var: { ctx } }, token) {
      ctx.actor = { kind: "box", boxId: await boxOfToken(ctx, token) };
    },
  },
  public: { title: "Everyone", maxBody: 0, claims: async () => undefined },
};

/** 401 before anything else of the request is read. */
export const authenticate =
  (audience: Audience): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    c.set("claims", (await AUDIENCES[audience].claims(c, bearerOf(c.req.header("authorization")))) ?? {});
    await next();
  };

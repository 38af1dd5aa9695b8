import type { Token } from "#schema/contracts/tokens.ts";
import { age } from "../age.ts";
import { details } from "../table.ts";

export const tokenDetails = (token: Token): string =>
  details([
    ["token", `${token.id} (…${token.last4})`],
    ["status", token.status],
    [
      "of",
      token.box_id ? `box ${token.box_id}` : `the customer's own programs${token.label ? `: ${token.label}` : ""}`,
    ],
    ["customer", `${token.customer_email ?? "no email"} (${token.customer_id})`],
    ["scopes", token.scopes.join(", ")],
    ["made", `${token.created_at} (${age(token.created_at)} ago)`],
    ["works until", token.expires_at],
    ["revoked", token.revoked_at],
  ]);

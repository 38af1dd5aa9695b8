import { Option } from "commander";
import { type Token, TokenList } from "#schema/contracts/tokens.ts";
import { TOKEN_STATUSES } from "#schema/domain/states.ts";
import { age } from "../age.ts";
import { BOX_FILTER, type ListOf, statusFilter } from "../list.ts";

export const TOKENS: ListOf<"tokens", Token> = {
  things: "tokens",
  answer: TokenList,
  columns: [
    { title: "ID", value: (token) => token.id },
    { title: "STATUS", value: (token) => token.status },
    { title: "LAST4", value: (token) => token.last4 },
    { title: "OF", value: (token) => (token.box_id ? `box ${token.box_id.slice(0, 8)}` : (token.label ?? "-")) },
    { title: "AGE", value: (token) => age(token.created_at) },
    { title: "UNTIL", value: (token) => token.expires_at ?? "-" },
    { title: "CUSTOMER", value: (token) => token.customer_email ?? token.customer_id },
  ],
  filters: [
    BOX_FILTER,
    { option: new Option("--email <email>", "only this customer's") },
    statusFilter(TOKEN_STATUSES),
  ],
};

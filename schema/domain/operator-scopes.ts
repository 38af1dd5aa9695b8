/** The scopes of operators' keys. */
export const OPERATOR_SCOPES = [
  "boxes:read",
  "boxes:write",
  "jobs:read",
  "jobs:write",
  "tokens:read",
  "tokens:write",
  "usage:read",
  "audit:read",
  "fleet:write",
] as const;

export type OperatorScope = (typeof OPERATOR_SCOPES)[number];

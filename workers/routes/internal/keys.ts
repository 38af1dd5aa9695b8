/** Operators: their own keys. */
import { OperatorKey } from "#schema/contracts/fleet-status.ts";
import { AppError } from "#schema/domain/errors.ts";
import { json } from "../answer.ts";
import { operation } from "../operation.ts";

export const keyOperations = [
  operation({
    audience: "operator",
    tag: "Keys",
    method: "get",
    path: "/internal/key",
    summary: "The operator key of this request and its scopes",
    output: json("The key", OperatorKey),
    verb({ ctx: { actor } }) {
      if (actor.kind !== "operator") throw new AppError("unauthorized", "Only operators have keys");
      return { name: actor.name, scopes: [...actor.scopes] };
    },
  }),
];

/** Supervisors: what they undid in their box (schema/contracts/changes-undone.ts). */
import { CHANGES_PATH, ChangesUndone } from "#schema/contracts/changes-undone.ts";
import { recordChanges } from "../../services/boxes/record-changes.ts";
import { noContent } from "../answer.ts";
import { operation } from "../operation.ts";

export const changeOperations = [
  operation({
    audience: "supervisor",
    method: "post",
    path: CHANGES_PATH,
    summary: "Report files that the agent changed and the supervisor put right",
    body: ChangesUndone,
    output: noContent("Recorded"),
    verb: ({ ctx, input: { files } }) => recordChanges({ ctx, input: { files } }),
  }),
];

/** Operators: what was done, by whom. */
import { AuditList, AuditQuery } from "#schema/contracts/audit.ts";
import { listAudit } from "../../services/audit/list.ts";
import { json } from "../answer.ts";
import { operation } from "../operation.ts";

export const auditOperations = [
  operation({
    audience: "operator",
    tag: "Audit",
    scope: "audit:read",
    method: "get",
    path: "/internal/audit",
    summary: "List what was done, by whom and to what, newest first",
    query: AuditQuery,
    output: json("A page of entries", AuditList),
    verb: listAudit,
  }),
];

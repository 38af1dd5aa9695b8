/** Operators: copies of boxes' memory, and putting them back. */
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { Backup, BackupAccepted, BackupList, RestoreRequest } from "#schema/contracts/backups.ts";
import { BACKUP_STATUSES } from "#schema/domain/states.ts";
import { idempotent } from "../../http/idempotent.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { getBackup, listBackups } from "../../services/backups/list.ts";
import { restoreBackup } from "../../services/backups/restore.ts";
import { startBackup } from "../../services/backups/start.ts";
import { accepted, BoxId, common, IdempotencyKey, jsonAnswer, jsonBody } from "./operation.ts";
import { createRouter } from "./router.ts";

const { security, problems } = common;
const tags = ["Backups"];
const reading = [requireScope("boxes:read")];
const writing = [requireScope("boxes:write"), idempotent()];
const BackupId = z.object({ backup_id: z.uuid() });

const list = createRoute({
  method: "get",
  path: "/internal/backups",
  summary: "List backups, newest first",
  tags,
  security,
  middleware: reading,
  request: {
    query: z.object({
      box_id: z.uuid().optional(),
      customer_id: z.uuid().optional(),
      status: z.enum(BACKUP_STATUSES).optional(),
      cursor: z.string().max(200).optional(),
    }),
  },
  responses: { 200: jsonAnswer("A page of backups", BackupList), ...problems },
});

const get = createRoute({
  method: "get",
  path: "/internal/backups/{backup_id}",
  summary: "One backup",
  tags,
  security,
  middleware: reading,
  request: { params: BackupId },
  responses: { 200: jsonAnswer("The backup", Backup), ...problems },
});

const start = createRoute({
  method: "post",
  path: "/internal/backup/{box_id}",
  summary: "Copy an agent's memory now; it goes on working",
  tags,
  security,
  middleware: writing,
  request: { headers: IdempotencyKey, params: BoxId },
  responses: { 202: jsonAnswer("The job takes the backup", BackupAccepted), ...problems },
});

const restore = createRoute({
  method: "post",
  path: "/internal/backups/{backup_id}/restore",
  summary: "Put a backup into a box of the same customer, or into a new one",
  tags,
  security,
  middleware: writing,
  request: { headers: IdempotencyKey, params: BackupId, ...jsonBody(RestoreRequest) },
  responses: { 202: accepted, ...problems },
});

export const backupRoutes = createRouter();

backupRoutes.openapi(list, async (c) => {
  const { box_id: boxId, customer_id: customerId, ...filter } = c.req.valid("query");
  return c.json(await listBackups({ ctx: c.var.ctx, input: { ...filter, boxId, customerId } }), 200);
});
backupRoutes.openapi(get, async (c) => {
  const { backup_id: backupId } = c.req.valid("param");
  return c.json(await getBackup({ ctx: c.var.ctx, input: { backupId } }), 200);
});
backupRoutes.openapi(start, async (c) => {
  const started = await startBackup({ ctx: c.var.ctx, input: { boxId: c.req.valid("param").box_id } });
  return c.json(started, 202, { location: `/internal/jobs/${started.job.id}` });
});
backupRoutes.openapi(restore, async (c) => {
  const input = { backupId: c.req.valid("param").backup_id, ...c.req.valid("json") };
  const restoring = await restoreBackup({ ctx: c.var.ctx, input });
  return c.json(restoring, 202, { location: `/internal/jobs/${restoring.job.id}` });
});

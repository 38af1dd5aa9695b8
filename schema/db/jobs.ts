import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { Job } from "#schema/contracts/internal.ts";
import { boxes } from "./boxes.ts";
import { clusters } from "./clusters.ts";
import { at, createdAt, id } from "./columns.ts";
import { jobStatus, jobType } from "./enums.ts";

export const operatorJobs = pgTable(
  "operator_jobs",
  {
    id: id(),
    boxId: uuid("box_id")
      .notNull()
      .references(() => boxes.id),
    clusterId: text("cluster_id")
      .notNull()
      .references(() => clusters.id),
    /** Order within a box. */
    seq: bigint("seq", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    type: jobType("type").notNull(),
    status: jobStatus("status").notNull().default("queued"),
    /** The generation of the box that this job was made for. */
    generation: bigint("generation", { mode: "number" }).notNull(),
    attempt: integer("attempt").notNull().default(0),
    fence: bigint("fence", { mode: "number" }),
    leaseUntil: at("lease_until"),
    /** Not granted before. */
    availableAt: at("available_at").notNull().defaultNow(),
    steps: jsonb("steps").$type<Job["steps"]>().notNull().default([]),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    requestedBy: text("requested_by").notNull(),
    createdAt: createdAt(),
    startedAt: at("started_at"),
    finishedAt: at("finished_at"),
  },
  (t) => [
    uniqueIndex("operator_jobs_one_running_per_box").on(t.boxId).where(sql`${t.status} = 'running'`),
    index("operator_jobs_open_idx").on(t.clusterId, t.seq).where(sql`${t.status} in ('queued', 'running')`),
    index("operator_jobs_box_id_seq_idx").on(t.boxId, t.seq),
    check("operator_jobs_lease", sql`(${t.status} = 'running') = (${t.leaseUntil} is not null)`),
    check(
      "operator_jobs_finished",
      sql`(${t.status} in ('succeeded', 'dead', 'cancelled', 'superseded')) = (${t.finishedAt} is not null)`,
    ),
  ],
);

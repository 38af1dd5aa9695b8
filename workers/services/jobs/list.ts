import { and, desc, eq, lt, type SQL } from "drizzle-orm";
import type { JobList } from "#schema/contracts/internal.ts";
import { operatorJobs } from "#schema/db/schema.ts";
import type { JobStatus, JobType } from "#schema/domain/states.ts";
import type { Call } from "../../context.ts";
import { PAGE_SIZE } from "../newest-first.ts";
import { type JobRow, viewJob } from "./view-job.ts";

export interface JobFilter {
  boxId?: string | undefined;
  status?: JobStatus | undefined;
  type?: JobType | undefined;
  cursor?: string | undefined;
}

/** Newest first. */
export async function listJobs({ ctx, input }: Call<JobFilter>): Promise<JobList> {
  const rows = await ctx.db
    .select()
    .from(operatorJobs)
    .where(and(...conditions(input)))
    .orderBy(desc(operatorJobs.seq))
    .limit(PAGE_SIZE + 1);
  const page = rows.slice(0, PAGE_SIZE);
  return { jobs: page.map(viewJob), next_cursor: rows.length > PAGE_SIZE ? cursorAfter(page.at(-1)) : null };
}

function conditions(filter: JobFilter): SQL[] {
  return [
    filter.boxId && eq(operatorJobs.boxId, filter.boxId),
    filter.status && eq(operatorJobs.status, filter.status),
    filter.type && eq(operatorJobs.type, filter.type),
    filter.cursor && lt(operatorJobs.seq, Number(filter.cursor)),
  ].filter((condition) => typeof condition === "object");
}

const cursorAfter = (row: JobRow | undefined): string | null => (row ? String(row.seq) : null);

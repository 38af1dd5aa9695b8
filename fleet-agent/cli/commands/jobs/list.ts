import { Option } from "commander";
import { type Job, JobList } from "#schema/contracts/internal.ts";
import { JOB_STATUSES, JOB_TYPES } from "#schema/domain/states.ts";
import { age } from "../age.ts";
import { BOX_FILTER, type ListOf, statusFilter } from "../list.ts";

export const JOBS: ListOf<"jobs", Job> = {
  things: "jobs",
  answer: JobList,
  columns: [
    { title: "ID", value: (job) => job.id },
    { title: "TYPE", value: (job) => job.type },
    { title: "STATUS", value: (job) => job.status },
    { title: "TRIES", value: (job) => String(job.attempt) },
    { title: "AGE", value: (job) => age(job.created_at) },
    { title: "BOX", value: (job) => job.box_id.slice(0, 8) },
    { title: "BY", value: (job) => job.requested_by },
    { title: "NOW", value: (job) => job.error_message ?? job.steps.at(-1)?.message ?? "" },
  ],
  filters: [
    BOX_FILTER,
    statusFilter(JOB_STATUSES),
    { option: new Option("--type <type>", "only those of this type").choices(JOB_TYPES) },
  ],
};

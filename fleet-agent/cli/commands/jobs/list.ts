import { type Command, Option } from "commander";
import { type Job, JobList } from "#schema/contracts/internal.ts";
import { JOB_STATUSES, JOB_TYPES } from "#schema/domain/states.ts";
import { findBox } from "../../operator/find-box.ts";
import { listAll } from "../../operator/list-all.ts";
import { age } from "../age.ts";
import { BOX_ARGUMENT } from "../boxes/get.ts";
import { addListOptions, type ListOptions, limitOf, tellMore } from "../list-options.ts";
import { answer, openOperator } from "../operator.ts";
import { type Column, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends ListOptions {
  box?: string;
  status?: string;
  type?: string;
}

const COLUMNS: readonly Column<Job>[] = [
  { title: "ID", value: (job) => job.id },
  { title: "TYPE", value: (job) => job.type },
  { title: "STATUS", value: (job) => job.status },
  { title: "TRIES", value: (job) => String(job.attempt) },
  { title: "AGE", value: (job) => age(job.created_at) },
  { title: "BOX", value: (job) => job.box_id.slice(0, 8) },
  { title: "BY", value: (job) => job.requested_by },
  { title: "NOW", value: (job) => job.error_message ?? job.steps.at(-1)?.message ?? "" },
];

export function addListCommand(jobs: Command, terminal: Terminal): void {
  const command = jobs
    .command("list")
    .description("List jobs, the newest first")
    .option("--box <box>", `only those of ${BOX_ARGUMENT}`)
    .addOption(new Option("--status <status>", "only those that are so").choices(JOB_STATUSES))
    .addOption(new Option("--type <type>", "only those of this type").choices(JOB_TYPES));
  addListOptions(command).action(async (options: Options) => {
    const operator = openOperator(terminal);
    const box = options.box && (await findBox(operator, options.box)).id;
    const { items, more } = await listAll(operator, "/internal/jobs", {
      answer: JobList,
      items: (page) => page.jobs,
      query: { box_id: box, status: options.status, type: options.type },
      limit: limitOf(options),
    });
    answer(terminal, options, items, () => (items.length > 0 ? table(COLUMNS, items) : "There are no such jobs."));
    if (more) tellMore(terminal, items.length);
  });
}

import { type Command, InvalidArgumentError } from "commander";
import * as z from "zod";
import { Job } from "#schema/contracts/internal.ts";
import { addChangeOptions, type ChangeOptions, change } from "./changing.ts";
import { addWaitOptions, followJob, type WaitOptions } from "./follow-job.ts";
import { jobDetails } from "./jobs/details.ts";
import { JOBS } from "./jobs/list.ts";
import { addListCommand } from "./list.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "./operator.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  fleet-agent jobs list --status dead
  fleet-agent jobs get 0b6f6a0e-5a53-4a0c-9f27-0d2c5f3f4a11 --wait
  fleet-agent jobs retry 0b6f6a0e-5a53-4a0c-9f27-0d2c5f3f4a11 --wait`;

export function addJobCommands(program: Command, terminal: Terminal): void {
  const jobs = program
    .command("jobs")
    .description("List, follow, retry and cancel the jobs of boxes")
    .addHelpText("after", EXAMPLES);
  addListCommand(jobs, terminal, JOBS);
  addGetCommand(jobs, terminal);
  addRetryCommand(jobs, terminal);
  addCancelCommand(jobs, terminal);
}

function addGetCommand(jobs: Command, terminal: Terminal): void {
  const command = jobs.command("get").description("Show one job with its steps").argument("<job>", "a job's id", uuid);
  addWaitOptions(command.addOption(jsonOption())).action(async (id: string, options: JsonOptions & WaitOptions) => {
    const operator = openOperator(terminal);
    const job = await operator.get(`/internal/jobs/${id}`, Job);
    const shown = options.wait && !job.finished_at ? await followJob(terminal, operator, job, options) : job;
    answer(terminal, options, shown, () => jobDetails(shown));
  });
}

function addRetryCommand(jobs: Command, terminal: Terminal): void {
  const command = jobs.command("retry").description("Queue a dead job again").argument("<job>", "a job's id", uuid);
  addWaitOptions(addChangeOptions(command)).action(async (id: string, options: ChangeOptions & WaitOptions) => {
    const operator = openOperator(terminal);
    const plan = { path: `/internal/jobs/${id}/retry`, answer: Job };
    const queued = await change(terminal, operator, plan, options);
    if (!queued) return;
    const shown = options.wait ? await followJob(terminal, operator, queued, options) : queued;
    answer(terminal, options, shown, () => jobDetails(shown));
  });
}

function addCancelCommand(jobs: Command, terminal: Terminal): void {
  const command = jobs
    .command("cancel")
    .description("Cancel a queued or running job; the box's desired state stays")
    .argument("<job>", "a job's id", uuid);
  addChangeOptions(command, { asks: true }).action(async (id: string, options: ChangeOptions) => {
    const operator = openOperator(terminal);
    const job = await operator.get(`/internal/jobs/${id}`, Job);
    const plan = {
      path: `/internal/jobs/${id}/cancel`,
      answer: Job,
      about: jobDetails(job),
      confirmation: { question: `Cancel this ${job.type} job?` },
    };
    const cancelled = await change(terminal, operator, plan, options);
    if (cancelled) answer(terminal, options, cancelled, () => jobDetails(cancelled));
  });
}

export function uuid(text: string): string {
  if (!z.uuid().safeParse(text).success) throw new InvalidArgumentError("must be a whole id, as lists show it");
  return text.toLowerCase();
}

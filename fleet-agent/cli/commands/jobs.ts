import type { Command } from "commander";
import { Job } from "#schema/contracts/internal.ts";
import { addStepCommand, type Kind, uuid } from "./by-id.ts";
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
  addStepCommand(jobs, terminal, JOB, {
    name: "cancel",
    description: "Cancel a queued or running job; the box's desired state stays",
    question: ({ type }) => `Cancel this ${type} job?`,
  });
}

const JOB: Kind<typeof Job> = {
  name: "job",
  argument: "<job>",
  answer: Job,
  text: jobDetails,
};

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

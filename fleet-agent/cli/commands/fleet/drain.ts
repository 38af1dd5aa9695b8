import { type Command, Option } from "commander";
import { sleep } from "#cluster/system/retry.ts";
import { FleetCluster } from "#schema/contracts/fleet-status.ts";
import type { OperatorClient } from "../../operator/operator-client.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { wholeNumber } from "../desired.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { answer, openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { findCluster } from "./find-cluster.ts";
import { statusText } from "./status.ts";

type Options = ChangeOptions & { undo?: boolean; jobsGoOn?: boolean; wait: boolean; timeout: number };

const LOOK_EVERY_MS = 1_000;

export function addDrainCommand(fleet: Command, terminal: Terminal): void {
  const command = fleet
    .command("drain")
    .description(
      "Give a cluster no new boxes and no new jobs, and wait until running jobs have ended; its boxes keep running",
    )
    .argument("<cluster>", "the cluster's id")
    .addOption(new Option("--undo", "give it boxes and jobs again").conflicts("jobsGoOn"))
    .option("--jobs-go-on", "stop new boxes only: jobs of existing boxes go on")
    .option("--no-wait", "don't wait until running jobs have ended")
    .option("--timeout <seconds>", "how long to wait", wholeNumber, 900);
  addChangeOptions(command, { asks: true }).action((id: string, options: Options) => drain(terminal, id, options));
}

async function drain(terminal: Terminal, id: string, options: Options): Promise<void> {
  const operator = openOperator(terminal);
  const cluster = await findCluster(operator, id);
  const plan = options.undo ? undoPlan(id) : drainPlan(cluster, options);
  const changed = await change(terminal, operator, plan, options);
  if (!changed) return;
  const rests = options.undo || options.jobsGoOn || !options.wait;
  const shown = rests ? changed : await untilAtRest(terminal, operator, changed, options.timeout);
  answer(terminal, options, shown, () => `${words(shown, options)}\n\n${statusText([shown])}`);
}

const drainPlan = (cluster: FleetCluster, { jobsGoOn }: Options) => ({
  path: `/internal/clusters/${cluster.id}/drain`,
  body: { jobs: jobsGoOn ? "go_on" : "wait" },
  answer: FleetCluster,
  about: statusText([cluster]),
  confirmation: {
    question: jobsGoOn
      ? `Let ${cluster.id} take no new boxes?`
      : `Take ${cluster.id} out of work? Changes of its boxes will wait.`,
  },
  // The route changes nothing when it is called again, and knows no keys.
  repeatable: false,
});

const undoPlan = (id: string) => ({
  path: `/internal/clusters/${id}/resume`,
  answer: FleetCluster,
  repeatable: false,
});

async function untilAtRest(
  terminal: Terminal,
  operator: OperatorClient,
  cluster: FleetCluster,
  timeout: number,
): Promise<FleetCluster> {
  const until = performance.now() + timeout * 1_000;
  let told = -1;
  for (let now = cluster; ; now = await findCluster(operator, cluster.id)) {
    if (now.jobs.running === 0) return now;
    if (now.jobs.running !== told) terminal.tell(`  ${now.jobs.running} running`);
    told = now.jobs.running;
    if (performance.now() > until) {
      throw new CommandError(
        EXIT.failed,
        `${told} jobs have not ended within ${timeout} s. The cluster stays drained.`,
      );
    }
    await sleep(LOOK_EVERY_MS, terminal.interrupt).catch(() => {
      throw new CommandError(EXIT.interrupted, "The cluster stays drained; running jobs go on to their end.");
    });
  }
}

function words({ id, jobs }: FleetCluster, { undo, jobsGoOn }: Options): string {
  if (undo) return `${id} is back at work.`;
  if (jobsGoOn) return `${id} takes no new boxes.`;
  return jobs.running === 0
    ? `${id} is at rest: nothing writes to it.`
    : `${id} is drained; ${jobs.running} jobs still run.`;
}

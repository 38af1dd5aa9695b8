import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import type { Box } from "#schema/contracts/internal.ts";
import { boxFolder } from "../../../drivers/local/box-folder.ts";
import { readLog } from "../../../drivers/local/read-log.ts";
import { findBox } from "../../operator/find-box.ts";
import { localProduct } from "../../operator/operator-settings.ts";
import { withCluster } from "../cluster.ts";
import { wholeNumber } from "../desired.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { openOperator } from "../operator.ts";
import { printable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { BOX_ARGUMENT } from "./get.ts";
import { podLog } from "./pod-log.ts";

export interface LogOptions {
  follow?: boolean;
  tail: number;
  /** How far back, ms. */
  since?: number;
  previous?: boolean;
}

const NOTE = `
The lines are the gateway's and may quote what its people wrote: keep them to yourself. Of pods they come from the
Kubernetes API (KUBECONFIG needs the right to get pods/log, which the fleet-agent's own identity does not have).`;

export function addLogsCommand(boxes: Command, terminal: Terminal): void {
  boxes
    .command("logs")
    .description("What a box's gateway and its supervisor write")
    .argument("<box>", BOX_ARGUMENT)
    .option("-f, --follow", "follow the log until Ctrl-C")
    .option("--tail <lines>", "the last so many lines", wholeNumber, 200)
    .option("--since <time>", "only what is not older: 90s, 15m, 2h, 1d", duration)
    .option("--previous", "of the container before the present one, after a crash (pods only)")
    .addHelpText("after", NOTE)
    .action(async (text: string, options: LogOptions) => {
      const box = await findBox(openOperator(terminal), text);
      const { stateRoot } = localProduct(terminal.env) ?? {};
      const local = stateRoot !== undefined && !terminal.env.KUBECONFIG;
      const print = (line: string) => terminal.print(printable(line));
      if (local) await localLog(terminal, stateRoot, box, options, print);
      else await withCluster(terminal, (client) => podLog(client, box, options, print, terminal));
    });
}

async function localLog(
  terminal: Terminal,
  root: string,
  box: Box,
  options: LogOptions,
  print: (line: string) => void,
) {
  const { logFile } = boxFolder(root, box.id);
  if (options.previous) throw new CommandError(EXIT.usage, "--previous is for pods: a local box has one log.");
  if (!existsSync(logFile)) {
    throw new CommandError(EXIT.notFound, `This box (${box.status}) has written nothing on this machine.`);
  }
  const since = options.since === undefined ? undefined : Date.now() - options.since;
  const follow = options.follow ? terminal.interrupt : undefined;
  for await (const line of readLog(logFile, { tail: options.tail, since, follow })) print(line);
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function duration(text: string): number {
  const [, amount, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const size = UNITS[unit];
  if (size === undefined) throw new InvalidArgumentError("must be like 90s, 15m, 2h or 1d");
  return Number(amount) * size;
}

/**
 * The whole command line as one tree. To add a command:
 *
 * 1. `commands/<group>.ts` exports `add<Group>Commands(program, terminal)`, which registers what it brings with
 *    `program.command(…)`; a verb that is more than a few lines is a file of its own in `commands/<group>/`.
 * 2. It is called below. Help, completions and the check of the runbooks follow from the tree by themselves.
 * 3. A command gets its world from `terminal` (never from `process`), asks the edge by `openOperator(terminal)`, gives
 *    its result by `answer(…)` (with `jsonOption()`: text for people, one JSON document for programs) and fails by
 *    `CommandError` with an exit code. What changes something goes through `change` (changing.ts), which brings
 *    `--dry-run`, `--yes` and `--wait`.
 * 4. Secrets come by a file, standard input or the environment, never as an argument, and are never printed.
 */
import { Command } from "commander";
import { addAuditCommands } from "./audit.ts";
import { addBackupCommands } from "./backups.ts";
import { addBoxCommands } from "./boxes.ts";
import { addCompletionCommand } from "./completion.ts";
import { addDesiredCommand } from "./desired.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addFleetCommands } from "./fleet.ts";
import { addJobCommands } from "./jobs.ts";
import { addRunCommand } from "./run.ts";
import type { Terminal } from "./terminal.ts";
import { addTokenCommands } from "./tokens.ts";
import { addUsageCommand } from "./usage.ts";

const ABOUT = `
The agent itself is \`run\`; everything else is for operators.

Environment of operators:
  EDGE_URL            the edge's base URL, https://…
  OPERATOR_KEY        an operator's key; or OPERATOR_KEY_FILE
  KUBECONFIG          the cluster, for what looks into it (boxes diff, boxes logs, doctor)
 Without them: the product that \`npm start\` runs on this machine.

Exit codes: 0 done, 1 it failed, 2 wrong usage or settings, 3 there is no such thing, 4 refused, 5 no answer (try again),
130 interrupted. See docs/05-command-line.md.`;

export function createProgram(terminal: Terminal): Command {
  const program = new Command("fleet-agent")
    .description("Makes boxes what the edge says they should be, and lets operators manage them.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.tell(text.trimEnd()),
    })
    .showHelpAfterError("(--help shows what there is)")
    .addHelpText("after", ABOUT);
  addRunCommand(program, terminal);
  addDesiredCommand(program, terminal);
  addBoxCommands(program, terminal);
  addJobCommands(program, terminal);
  addTokenCommands(program, terminal);
  addUsageCommand(program, terminal);
  addAuditCommands(program, terminal);
  addFleetCommands(program, terminal);
  addBackupCommands(program, terminal);
  addDoctorCommand(program, terminal);
  addCompletionCommand(program, terminal);
  return program;
}

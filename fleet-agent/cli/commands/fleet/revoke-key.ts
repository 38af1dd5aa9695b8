import type { Command } from "commander";
import { ClusterKeys } from "#schema/contracts/clusters.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { answer, openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { findCluster } from "./find-cluster.ts";
import { statusText } from "./status.ts";

export function addRevokeKeyCommand(fleet: Command, terminal: Terminal): void {
  const command = fleet
    .command("revoke-key")
    .description("Revoke an agent key of a cluster: its connections end at once, and it is never accepted again")
    .argument("<cluster>", "the cluster's id")
    .argument("<kid>", "the key's id, as `fleet status --json` shows it");
  addChangeOptions(command, { asks: true }).action(async (id: string, kid: string, options: ChangeOptions) => {
    const operator = openOperator(terminal);
    const cluster = await findCluster(operator, id);
    const plan = {
      path: `/internal/clusters/${id}/revoke-agent-key`,
      body: { kid },
      answer: ClusterKeys,
      about: statusText([cluster]),
      confirmation: { question: `Take the key ${kid} from the agents of ${id}, for good?` },
      // Again is the same again, but the route knows no keys of repetition.
      repeatable: false,
    };
    const left = await change(terminal, operator, plan, options);
    if (left) answer(terminal, options, left, () => `Keys of ${id} that are left: ${left.kids.join(", ") || "none"}.`);
  });
}

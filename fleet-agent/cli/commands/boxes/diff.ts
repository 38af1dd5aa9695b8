import type { Command } from "commander";
import type { Box } from "#schema/contracts/internal.ts";
import { WantedBox } from "#schema/contracts/wanted-box.ts";
import { diffBox, type ObjectDiff } from "../../diff/box-diff.ts";
import { diffText } from "../../diff/diff-text.ts";
import { findBox } from "../../operator/find-box.ts";
import { localProduct } from "../../operator/operator-settings.ts";
import { withCluster } from "../cluster.ts";
import { findClusterSettings } from "../cluster-settings.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { BOX_ARGUMENT } from "./get.ts";

const NOTE = `
Exit code 1 where something differs. Nothing is changed: each object is applied as a dry run and compared with what is
there, which needs the fleet-agent's rights in the cluster (KUBECONFIG). Of configurations only hashes are compared.
Settings come from the environment (GATEWAY_IMAGE, …) or from the ConfigMap of the cluster's own fleet-agent.`;

export function addDiffCommand(boxes: Command, terminal: Terminal): void {
  boxes
    .command("diff")
    .description("Compare a box's Kubernetes objects with what they should be")
    .argument("<box>", BOX_ARGUMENT)
    .addOption(jsonOption())
    .addHelpText("after", NOTE)
    .action((text: string, options: JsonOptions) => diff(terminal, text, options));
}

async function diff(terminal: Terminal, text: string, options: JsonOptions): Promise<void> {
  if (localProduct(terminal.env)?.stateRoot && !terminal.env.KUBECONFIG) {
    throw new CommandError(EXIT.usage, "Boxes are local processes here: there are no Kubernetes objects to compare.");
  }
  const operator = openOperator(terminal);
  const box = await findBox(operator, text);
  const wanted = await operator.get(`/internal/boxes/${box.id}/wanted`, WantedBox);
  const objects = await withCluster(terminal, async (client) => {
    const found = await findClusterSettings(terminal, client);
    refuseOtherCluster(box, found.clusterId, found.source);
    return diffBox(client, wanted, found.settings);
  });
  const same = objects.every(({ state }) => state === "same");
  answer(terminal, options, { box_id: box.id, same, objects }, () =>
    same ? `Everything in ${box.namespace} is as it should be (${objects.length} objects).` : diffText(objects),
  );
  if (!same) throw new CommandError(EXIT.failed, advice(box, objects));
}

/** Everything of a box would be missing in a cluster that it doesn't live in. */
function refuseOtherCluster(box: Box, clusterId: string | undefined, source: string): void {
  if (clusterId === undefined || clusterId === box.cluster_id) return;
  throw new CommandError(
    EXIT.usage,
    `This box is in ${box.cluster_id}, but ${source} names ${clusterId}: set KUBECONFIG to the right cluster.`,
  );
}

function advice(box: Box, objects: readonly ObjectDiff[]): string {
  const differing = objects.filter(({ state }) => state !== "same").length;
  const under =
    box.generation === box.observed_generation
      ? `The next comparison repairs it; to repair it now: fleet-agent fleet reconcile ${box.cluster_id}`
      : `A job is under way (fleet-agent jobs list --box ${box.id})`;
  return `${differing} of ${objects.length} objects differ. ${under}.`;
}

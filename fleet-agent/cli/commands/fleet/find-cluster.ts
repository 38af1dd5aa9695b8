import { Fleet, type FleetCluster } from "#schema/contracts/fleet-status.ts";
import type { OperatorClient } from "../../operator/operator-client.ts";
import { CommandError, EXIT } from "../exit-codes.ts";

/** Throws `CommandError` that names the clusters there are. */
export async function findCluster(operator: OperatorClient, id: string): Promise<FleetCluster> {
  const { clusters } = await operator.get("/internal/fleet", Fleet);
  const found = clusters.find((cluster) => cluster.id === id);
  if (found) return found;
  const known = clusters.map((cluster) => cluster.id).join(", ");
  throw new CommandError(EXIT.notFound, `There is no cluster "${id}". There is: ${known || "none yet"}.`);
}

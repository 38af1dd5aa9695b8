import { ClusterComparison } from "#schema/contracts/clusters.ts";
import type { Operator } from "./operator.ts";
import { until } from "./until.ts";

const PATH = "/internal/clusters/local";

/** What the last full comparison of the cluster has found. */
export const lastComparison = async (operator: Operator): Promise<ClusterComparison> =>
  ClusterComparison.parse(await (await operator.send("GET", `${PATH}/comparison`)).json());

/** Has the cluster compared, and waits for that. */
export async function compareNow(operator: Operator, body: object = {}): Promise<ClusterComparison> {
  const { compared_at: before } = await lastComparison(operator);
  const asked = await operator.send("POST", `${PATH}/reconcile`, body);
  if (!asked.ok) throw new Error(`reconcile: ${asked.status} ${await asked.text()}`);
  return until(
    "the comparison",
    async () => {
      const now = await lastComparison(operator);
      return now.compared_at !== before && now;
    },
    60_000,
  );
}

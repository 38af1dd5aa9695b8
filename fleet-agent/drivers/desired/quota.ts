import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import type { LimitRange, ResourceQuota } from "./kube-object.ts";
import { metadata } from "./metadata.ts";
import { amounts, containerResources, HELPER, quotaAmounts } from "./resources.ts";

/** The limits of the whole namespace. */
export function resourceQuota(box: DesiredBox): ResourceQuota {
  const { requests, limits } = quotaAmounts(box.tier);
  const hard: Record<string, string> = {
    pods: "2",
    services: "0",
    "services.loadbalancers": "0",
    "services.nodeports": "0",
    persistentvolumeclaims: "1",
    "requests.storage": `${TIERS[box.tier].volumeGi}Gi`,
  };
  for (const [resource, amount] of Object.entries(requests)) hard[`requests.${resource}`] = amount;
  for (const [resource, amount] of Object.entries(limits)) hard[`limits.${resource}`] = amount;
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: metadata(box), spec: { hard } };
}

/** A container's maximum, and the default of one without requests (the quota would refuse its pod). */
export function limitRange(box: DesiredBox): LimitRange {
  const helper = amounts(HELPER.cpuMilli, HELPER.memoryMi, HELPER.scratchMi);
  const max = containerResources(box.tier).limits;
  const limits = [{ type: "Container", max, default: helper, defaultRequest: helper }];
  return { apiVersion: "v1", kind: "LimitRange", metadata: metadata(box), spec: { limits } };
}

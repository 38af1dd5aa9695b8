/** Operators: clusters, their warm pools and comparisons. */
import { ClusterComparison, ClusterKeys, ReconcileRequest, RevokeAgentKeyRequest } from "#schema/contracts/clusters.ts";
import { DrainRequest, Fleet, FleetCluster } from "#schema/contracts/fleet-status.ts";
import { Pool, PoolRequest } from "#schema/contracts/pool.ts";
import { drainCluster, resumeCluster } from "../../services/fleet/drain-cluster.ts";
import { fleetStatus } from "../../services/fleet/fleet-status.ts";
import { readDrift } from "../../services/fleet/read-drift.ts";
import { reconcileCluster } from "../../services/fleet/reconcile-cluster.ts";
import { revokeAgentKey } from "../../services/fleet/revoke-agent-key.ts";
import { readPool } from "../../services/pool/read-pool.ts";
import { setPool } from "../../services/pool/set-pool.ts";
import { json } from "../answer.ts";
import { operation } from "../operation.ts";

const reading = { audience: "operator", tag: "Clusters", scope: "boxes:read", method: "get" } as const;
const writing = { ...reading, scope: "fleet:write", method: "post" } as const;

export const clusterOperations = [
  operation({
    ...reading,
    path: "/internal/fleet",
    summary: "The clusters with their agents, boxes and queues",
    output: json("All clusters", Fleet),
    verb: fleetStatus,
  }),
  operation({
    ...writing,
    path: "/internal/clusters/{cluster_id}/drain",
    summary: "Drain a cluster: no new boxes and no new jobs; its boxes keep running",
    body: DrainRequest,
    output: json("The cluster; it is drained when `jobs.running` is 0", FleetCluster),
    verb: drainCluster,
  }),
  operation({
    ...writing,
    path: "/internal/clusters/{cluster_id}/resume",
    summary: "End a cluster's drain",
    output: json("The cluster", FleetCluster),
    verb: resumeCluster,
  }),
  operation({
    ...writing,
    path: "/internal/clusters/{cluster_id}/revoke-agent-key",
    summary: "Revoke an agent key of a cluster, at once",
    body: RevokeAgentKeyRequest,
    output: json("The remaining keys", ClusterKeys),
    verb: revokeAgentKey,
  }),
  operation({
    ...reading,
    path: "/internal/clusters/{cluster_id}/comparison",
    summary: "The result of a cluster's last full comparison, and the deletions that it holds back",
    output: json("The last comparison", ClusterComparison),
    verb: readDrift,
  }),
  operation({
    ...writing,
    path: "/internal/clusters/{cluster_id}/reconcile",
    summary: "Compare a cluster with the database now; `remove` confirms deletions that are held back",
    body: ReconcileRequest,
    output: json("The last comparison; a later `compared_at` means that the requested one is done", ClusterComparison),
    verb: reconcileCluster,
  }),
  operation({
    ...reading,
    path: "/internal/clusters/{cluster_id}/pool",
    summary: "A cluster's warm pool: its boxes, hit rate and cost",
    output: json("The pool, by tier", Pool),
    verb: readPool,
  }),
  operation({
    ...writing,
    method: "put",
    path: "/internal/clusters/{cluster_id}/pool",
    summary: "Set how many boxes a cluster keeps ready",
    body: PoolRequest,
    output: json("The pool, not yet at its new size", Pool),
    verb: ({ ctx, input: { clusterId, ...sizes } }) => setPool({ ctx, input: { clusterId, sizes } }),
  }),
];

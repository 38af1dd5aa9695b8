/** Operators: the fleet's clusters, the boxes that they keep ready, and what is in them against what should be. */
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
    summary: "The clusters: who is connected, which boxes there are, what waits",
    output: json("All of them", Fleet),
    verb: fleetStatus,
  }),
  operation({
    ...writing,
    path: "/internal/clusters/{cluster_id}/drain",
    summary: "Take a cluster out of work: no new boxes, no jobs; its boxes go on running",
    body: DrainRequest,
    output: json("The cluster; `jobs.running` tells when it has come to rest", FleetCluster),
    verb: drainCluster,
  }),
  operation({
    ...writing,
    path: "/internal/clusters/{cluster_id}/resume",
    summary: "Take a cluster back to work",
    output: json("The cluster", FleetCluster),
    verb: resumeCluster,
  }),
  operation({
    ...writing,
    path: "/internal/clusters/{cluster_id}/revoke-agent-key",
    summary: "Take a key from a cluster's agents, at once",
    body: RevokeAgentKeyRequest,
    output: json("The keys that are left", ClusterKeys),
    verb: revokeAgentKey,
  }),
  operation({
    ...reading,
    path: "/internal/clusters/{cluster_id}/comparison",
    summary: "What the last full comparison of a cluster found, and the deletions it holds back",
    output: json("The last one", ClusterComparison),
    verb: readDrift,
  }),
  operation({
    ...writing,
    path: "/internal/clusters/{cluster_id}/reconcile",
    summary: "Compare a cluster with the database now; `remove` confirms deletions that are held back",
    body: ReconcileRequest,
    output: json("The last one; a later `compared_at` tells that this one is done", ClusterComparison),
    verb: reconcileCluster,
  }),
  operation({
    ...reading,
    path: "/internal/clusters/{cluster_id}/pool",
    summary: "A cluster's warm pool: its boxes, its hit rate, what it takes",
    output: json("The pool, by tier", Pool),
    verb: readPool,
  }),
  operation({
    ...writing,
    method: "put",
    path: "/internal/clusters/{cluster_id}/pool",
    summary: "Set how many boxes a cluster keeps ready",
    body: PoolRequest,
    output: json("The pool, on its way there", Pool),
    verb: ({ ctx, input: { clusterId, ...sizes } }) => setPool({ ctx, input: { clusterId, sizes } }),
  }),
];

import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { ClusterSettings, Destination } from "../../config/cluster-settings.ts";
import type { NetworkPolicy } from "./kube-object.ts";
import { metadata } from "./metadata.ts";

/**
 * No ingress; egress only to the cluster's resolver (DNS), the edge and Telegram. So a box can't reach
 * the node's metadata, the API server, kubelets, other boxes or private networks.
 * (The kubelet's probes come from the pod's own node, which network plugins let through.)
 */
export function networkPolicy(box: DesiredBox, settings: ClusterSettings): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(box),
    spec: {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: [dns(settings.dns), ...[...settings.edge, ...settings.telegram].map(destination)],
    },
  };
}

const dns = (resolver: ClusterSettings["dns"]) => ({
  to: [{ namespaceSelector: { matchLabels: resolver.namespace }, podSelector: { matchLabels: resolver.pod } }],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
});

const destination = ({ cidr, except, port }: Destination) => ({
  to: [{ ipBlock: except.length > 0 ? { cidr, except } : { cidr } }],
  ports: [{ protocol: "TCP", port }],
});

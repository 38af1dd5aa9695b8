import * as z from "zod";
import { rangeProblem } from "./address-range.ts";

const range = z.union([z.cidrv4(), z.cidrv6()]);
const cidr = range.superRefine((value, context) => {
  const problem = rangeProblem(value);
  if (problem) context.addIssue({ code: "custom", message: problem });
});

/** Addresses a pod may reach, over TCP. */
export const Destination = z.object({
  cidr,
  except: z.array(range).default([]),
  port: z.int().min(1).max(65_535).default(443),
});
export type Destination = z.infer<typeof Destination>;

const labels = z.record(z.string(), z.string());

/** The Bot API's published ranges: https://core.telegram.org/resources/cidr.txt (IPv4). */
export const TELEGRAM: Destination[] = [
  "91.108.56.0/22",
  "91.108.4.0/22",
  "91.108.8.0/22",
  "91.108.16.0/22",
  "91.108.12.0/22",
  "149.154.160.0/20",
  "91.105.192.0/23",
  "91.108.20.0/22",
  "185.76.151.0/24",
].map((range) => ({ cidr: range, except: [], port: 443 }));

/** Where the cluster's resolver runs: namespace and pod labels. */
export const DnsSelector = z.object({ namespace: labels, pod: labels });
export const KUBE_DNS: z.infer<typeof DnsSelector> = {
  namespace: { "kubernetes.io/metadata.name": "kube-system" },
  pod: { "k8s-app": "kube-dns" },
};

/** A cluster's settings for boxes' Kubernetes objects. */
export interface ClusterSettings {
  /** The gateway image of boxes for which the edge names none, preferably by digest. */
  image: string;
  imagePullPolicy: "IfNotPresent" | "Always" | "Never";
  /** The storage class of boxes' memory; default: the cluster's. */
  storageClass?: string | undefined;
  /** The edge, as pods reach it. */
  edge: Destination[];
  telegram: Destination[];
  dns: z.infer<typeof DnsSelector>;
  /** Resolvers for boxes instead of the cluster's own; `dns` must select their pods. */
  nameservers?: string[] | undefined;
  /** A sandbox such as gVisor or Kata, by the name of its RuntimeClass. */
  runtimeClass?: string | undefined;
  /** `off`: a box starts before its network policy is known to be in force. Default `on`. */
  egressGate?: "on" | "off" | undefined;
}

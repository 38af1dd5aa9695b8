import type { V1PodSpec } from "@kubernetes/client-node";

const VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/**
 * What Pod Security's level `restricted` would say against a pod; empty where it admits it.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function restrictedViolations(spec: V1PodSpec): string[] {
  const found: string[] = [];
  const refuse = (wrong: boolean, what: string) => void (wrong && found.push(what));
  const pod = spec.securityContext;
  refuse(Boolean(spec.hostNetwork || spec.hostPID || spec.hostIPC), "host namespaces");
  for (const volume of spec.volumes ?? []) {
    const kinds = Object.keys(volume).filter((key) => key !== "name");
    refuse(!kinds.every((kind) => VOLUMES.includes(kind)), `volume ${volume.name}`);
  }
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    const own = container.securityContext;
    refuse(own?.privileged === true, "privileged");
    refuse(own?.allowPrivilegeEscalation !== false, "allowPrivilegeEscalation");
    refuse((own?.runAsNonRoot ?? pod?.runAsNonRoot) !== true, "runAsNonRoot");
    refuse((own?.runAsUser ?? pod?.runAsUser) === 0, "runAsUser 0");
    refuse((own?.seccompProfile ?? pod?.seccompProfile)?.type !== "RuntimeDefault", "seccompProfile");
    refuse(!own?.capabilities?.drop?.includes("ALL") || Boolean(own.capabilities.add?.length), "capabilities");
    refuse(Boolean(container.ports?.some((port) => port.hostPort)), "hostPort");
  }
  return found;
}

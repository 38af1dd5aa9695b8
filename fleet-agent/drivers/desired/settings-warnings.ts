import type { ClusterSettings } from "../../config/cluster-settings.ts";

/** `name[:tag]@sha256:…`: exactly these bytes, whatever a registry says later. */
export const isByDigest = (image: string): boolean => /@sha256:[0-9a-f]{64}$/.test(image);

/** Warnings about settings that are allowed but risky. Without values, except the image. */
export function settingsWarnings(settings: ClusterSettings): string[] {
  const warnings: string[] = [];
  if (settings.egressGate === "off") {
    warnings.push(
      "EGRESS_GATE is off: boxes start before their network policy is in force, and where it never is, they can reach the API server, nodes, the metadata service and each other",
    );
  }
  if (!isByDigest(settings.image)) {
    warnings.push(
      `GATEWAY_IMAGE ${settings.image} names no digest: whoever can move the tag decides what boxes run; use name@sha256:…`,
    );
  }
  return warnings;
}

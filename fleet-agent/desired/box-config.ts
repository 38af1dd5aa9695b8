import { createHash } from "node:crypto";
import type { BoxConfig } from "#schema/contracts/box-config.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { Secret } from "./kube-object.ts";
import { CONFIG_ANNOTATION, metadata } from "./metadata.ts";

/** The Secret's one key, and the file's name in the pod. */
export const CONFIG_FILE = "box.json";

export const configText = (config: BoxConfig): string => JSON.stringify(config);

/** SHA-256 of `box.json`: tells whether a pod was told of the newest one. The text holds random tokens, so its hash gives nothing away. */
export const configHash = (config: BoxConfig): string => createHash("sha256").update(configText(config)).digest("hex");

export function secret(box: DesiredBox, config: BoxConfig): Secret {
  const { annotations, ...rest } = metadata(box);
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: { ...rest, annotations: { ...annotations, [CONFIG_ANNOTATION]: configHash(config) } },
    data: { [CONFIG_FILE]: Buffer.from(configText(config)).toString("base64") },
  };
}

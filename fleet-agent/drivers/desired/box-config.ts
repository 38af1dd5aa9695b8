import { createHash } from "node:crypto";
import { type BoxConfig, CONFIG_FILE } from "#schema/contracts/box-config.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { ORDER_FILE, type StateOrder } from "#schema/contracts/state-transfer.ts";
import type { Secret } from "./kube-object.ts";
import { CONFIG_ANNOTATION, metadata } from "./metadata.ts";

export const configText = (config: BoxConfig): string => JSON.stringify(config);

/** SHA-256 of `box.json`: tells whether a pod was told of the newest one. The text holds random tokens, so its hash gives nothing away. */
export const configHash = (config: BoxConfig): string => createHash("sha256").update(configText(config)).digest("hex");

/** What is to be done with the box's memory, once: beside the configuration as long as the job for it runs. */
export const orderText = (order: StateOrder): string => JSON.stringify(order);

/** What pods are told of: another value makes the kubelet bring the Secret's files up to date. */
export const toldHash = ({ order }: Pick<DesiredBox, "order">, config: BoxConfig): string =>
  order ? `${configHash(config)}.${order.order_id}.${order.fence}` : configHash(config);

const base64 = (text: string): string => Buffer.from(text).toString("base64");

export function secret(box: DesiredBox, config: BoxConfig): Secret {
  const { annotations, ...rest } = metadata(box);
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: { ...rest, annotations: { ...annotations, [CONFIG_ANNOTATION]: configHash(config) } },
    data: {
      [CONFIG_FILE]: base64(configText(config)),
      ...(box.order && { [ORDER_FILE]: base64(orderText(box.order)) }),
    },
  };
}

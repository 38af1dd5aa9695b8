import { createHash } from "node:crypto";
import { type BoxConfig, CONFIG_FILE } from "#schema/contracts/box-config.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { ORDER_FILE, type StateOrder } from "#schema/contracts/state-transfer.ts";
import type { Secret } from "./kube-object.ts";
import { CONFIG_ANNOTATION, metadata } from "./metadata.ts";

export const configText = (config: BoxConfig): string => JSON.stringify(config);

/** SHA-256 of `box.json`: shows whether a pod has the newest one. The text holds random tokens, so its hash reveals nothing. */
export const configHash = (config: BoxConfig): string => createHash("sha256").update(configText(config)).digest("hex");

/** The backup or restore order, beside the configuration while its job runs. */
export const orderText = (order: StateOrder): string => JSON.stringify(order);

/** The pods' annotation: a new value makes the kubelet refresh the Secret's files. */
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

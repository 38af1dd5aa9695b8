import { expect, it } from "vitest";
import { StateOrder } from "#schema/contracts/state-transfer.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { configHash, secret, toldHash } from "./box-config.ts";

const ORDER = StateOrder.parse({
  kind: "backup",
  order_id: "5b4f2a6e-06d6-4a5c-8f0e-6d1f8f6b1c01",
  fence: 3,
  backup_id: "0d6e7f1c-8a55-4a6f-9d57-2f5b1a1f3c11",
  url: "https://edge.example/fleet/transfers/5b4f2a6e-06d6-4a5c-8f0e-6d1f8f6b1c01",
  token: "3.canary",
  key: `${"canary".padEnd(43, "A")}=`,
  timeout_seconds: 600,
  required: false,
  manifest: null,
});

it("an order lies beside the configuration, and only as long as there is one", () => {
  const box = sampleBox();
  const config = sampleConfig({ box_id: box.box_id, generation: 3 });
  expect(Object.keys(secret(box, config).data ?? {})).toEqual(["box.json"]);
  const { data, metadata } = secret({ ...box, order: ORDER }, config);
  expect(JSON.parse(Buffer.from(data?.["order.json"] ?? "", "base64").toString())).toEqual(ORDER);
  expect(JSON.stringify(metadata)).not.toContain("canary");
});

it("pods are told anew of each order and of its end, and not by what is secret in it", () => {
  const config = sampleConfig({ box_id: sampleBox().box_id, generation: 3 });
  const none = toldHash({}, config);
  const first = toldHash({ order: ORDER }, config);
  const again = toldHash({ order: { ...ORDER, fence: 4 } }, config);
  expect(new Set([none, first, again]).size).toBe(3);
  expect(none).toBe(configHash(config));
  expect(first + again).not.toContain("canary");
});

/**
 * `POST /fleet/box/channel`: a supervisor tells why its bot's messages don't get through, when that changes and each
 * minute while it lasts. In a pod nobody else can: the kubelet's probes carry no reason.
 */
import * as z from "zod";
import { CHANNEL_CODES } from "../domain/reasons/channel.ts";
import { storable } from "./parts.ts";

export const CHANNEL_PATH = "/fleet/box/channel";

export const ChannelState = z
  .strictObject({
    generation: z.int().meta({ description: "Of the configuration that it is about" }),
    trouble: z
      .strictObject({ code: z.enum(CHANNEL_CODES), reason: storable(500) })
      .nullable()
      .meta({ description: "Null: they get through again" }),
  })
  .meta({ id: "ChannelState" });
export type ChannelState = z.infer<typeof ChannelState>;

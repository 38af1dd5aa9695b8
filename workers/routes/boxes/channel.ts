/** Supervisors: whether their bot's messages get through (schema/contracts/channel-state.ts). */
import { CHANNEL_PATH, ChannelState } from "#schema/contracts/channel-state.ts";
import { recordChannel } from "../../services/health/record-channel.ts";
import { noContent } from "../answer.ts";
import { operation } from "../operation.ts";

export const channelOperations = [
  operation({
    audience: "supervisor",
    method: "post",
    path: CHANNEL_PATH,
    summary: "Report why the bot's messages don't get through",
    body: ChannelState,
    output: noContent("Recorded"),
    verb: recordChannel,
  }),
];

import { type Command, Option } from "commander";
import type { ProvisionRequest } from "#schema/contracts/internal.ts";
import { LANGUAGE_IDS, MODEL_IDS, THINKING_LEVELS } from "#schema/domain/models.ts";

/** How a box's agent works, as it is typed. */
export interface AgentOptions {
  model?: ProvisionRequest["model"];
  thinkingLevel?: ProvisionRequest["thinking_level"];
  language?: ProvisionRequest["language"];
}

export const addAgentOptions = (command: Command): Command =>
  command
    .addOption(new Option("--model <model>", "the model that it uses").choices(MODEL_IDS))
    .addOption(new Option("--thinking-level <level>", "how much it thinks").choices(THINKING_LEVELS))
    .addOption(new Option("--language <language>", "the language it is set up in").choices(LANGUAGE_IDS));

/** The same as the API names it; what was not typed is left out. */
export const agentFields = ({ model, thinkingLevel, language }: AgentOptions) => ({
  ...(model !== undefined && { model }),
  ...(thinkingLevel !== undefined && { thinking_level: thinkingLevel }),
  ...(language !== undefined && { language }),
});

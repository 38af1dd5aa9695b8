import { Option } from "commander";
import { createOperatorClient, type OperatorClient } from "../operator/operator-client.ts";
import { readOperatorSettings } from "../operator/operator-settings.ts";
import type { Terminal } from "./terminal.ts";

/** The edge, as the environment or `npm start` names it. Throws `ConfigError`. */
export const openOperator = (terminal: Terminal): OperatorClient =>
  createOperatorClient(readOperatorSettings(terminal.env), terminal.interrupt);

/** Every command that answers has it: one JSON document on standard output, the API's own objects. */
export const jsonOption = (): Option => new Option("--json", "print the API's own objects as one JSON document");

export interface JsonOptions {
  json?: boolean;
}

/** The answer: JSON where it was asked for, else the text. */
export function answer(terminal: Terminal, { json }: JsonOptions, value: unknown, text: () => string): void {
  terminal.print(json ? JSON.stringify(value, null, 2) : text());
}

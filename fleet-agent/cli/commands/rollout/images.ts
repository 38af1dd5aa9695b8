import type { Command } from "commander";
import { GatewayImage, ImageList, RegisterImageRequest, RolloutOrder } from "#schema/contracts/rollouts.ts";
import { findBox } from "../../operator/find-box.ts";
import { BOX_ARGUMENT } from "../boxes/get.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { imageTable } from "./rollout-text.ts";

export function addImagesCommand(rollout: Command, terminal: Terminal): void {
  rollout
    .command("images")
    .description("The registered gateway images, the newest first, and where they run")
    .addOption(jsonOption())
    .action(async (options: JsonOptions) => {
      const list = await openOperator(terminal).get("/internal/images", ImageList);
      answer(terminal, options, list.images, () => imageTable(list));
    });
}

type RegisterOptions = ChangeOptions & { openclaw: string; stateNote?: string; notes?: string };

export function addRegisterCommand(rollout: Command, terminal: Terminal): void {
  const command = rollout
    .command("register")
    .description("Register a gateway image that boxes may run; it can't be changed afterwards")
    .argument("<reference>", "the image by digest: registry.example/gateway@sha256:…")
    .requiredOption("--openclaw <version>", "the OpenClaw in it")
    .option("--state-note <text>", "what to know of boxes' state before they move to it, or back from it")
    .option("--notes <text>", "what is new in it");
  addChangeOptions(command).action((reference: string, options: RegisterOptions) =>
    register(terminal, reference, options),
  );
}

async function register(terminal: Terminal, reference: string, options: RegisterOptions): Promise<void> {
  const { openclaw: openclaw_version, stateNote: state_note, notes } = options;
  const parsed = RegisterImageRequest.safeParse({ reference, openclaw_version, state_note, notes });
  if (!parsed.success) throw new CommandError(EXIT.usage, parsed.error.issues.map(({ message }) => message).join("\n"));
  const plan = { path: "/internal/images", body: parsed.data, answer: GatewayImage };
  const image = await change(terminal, openOperator(terminal), plan, options);
  if (image) answer(terminal, options, image, () => `${image.reference} is registered as ${image.id}.`);
}

export function addFirstCommand(rollout: Command, terminal: Terminal): void {
  const command = rollout
    .command("first")
    .description("Let rollouts move a box first: for the operators' own boxes")
    .argument("<box>", BOX_ARGUMENT)
    .option("--undo", "let it take its turn again");
  addChangeOptions(command).action(async (name: string, options: ChangeOptions & { undo?: boolean }) => {
    const operator = openOperator(terminal);
    const { id } = await findBox(operator, name);
    const body = { first: !options.undo };
    const plan = { path: `/internal/boxes/${id}/rollout-order`, body, answer: RolloutOrder, repeatable: false };
    const changed = await change(terminal, operator, plan, options);
    if (!changed) return;
    const words = changed.first ? "is moved before others" : "takes its turn with the others";
    answer(terminal, options, changed, () => `The box ${changed.box_id} ${words}.`);
  });
}

import { type Command, InvalidArgumentError } from "commander";
import * as z from "zod";
import { addChangeOptions, type ChangeOptions, change } from "./changing.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "./operator.ts";
import type { Terminal } from "./terminal.ts";

/** A kind of thing that operators name by its id. */
export interface Kind<S extends z.ZodType> {
  /** `token`; its path is `/internal/tokens`. */
  name: string;
  /** The argument, as help shows it: `<token-id>`. */
  argument: string;
  answer: S;
  text(thing: z.infer<S>): string;
}

export function uuid(text: string): string {
  if (!z.uuid().safeParse(text).success) throw new InvalidArgumentError("must be a whole id, as lists show it");
  return text.toLowerCase();
}

/** `get <token-id>` */
export function addGetCommand<S extends z.ZodType>(parent: Command, terminal: Terminal, kind: Kind<S>): void {
  parent
    .command("get")
    .description(`Show one ${kind.name}`)
    .argument(kind.argument, `a ${kind.name}'s id`, uuid)
    .addOption(jsonOption())
    .action(async (id: string, options: JsonOptions) => {
      const thing = await openOperator(terminal).get(pathOf(kind, id), kind.answer);
      answer(terminal, options, thing, () => kind.text(thing));
    });
}

const pathOf = ({ name }: Kind<z.ZodType>, id: string): string => `/internal/${name}s/${id}`;

interface Step<T> {
  /** Of the command, and of the route: `/internal/tokens/:id/revoke`. */
  name: string;
  description: string;
  /** Asked first, unless `--yes`. */
  question(thing: T): string;
}

/** `revoke <token-id>`: a change that is asked about, and answered with what became of the thing. */
export function addStepCommand<S extends z.ZodType>(
  parent: Command,
  terminal: Terminal,
  kind: Kind<S>,
  step: Step<z.infer<S>>,
): void {
  const command = parent
    .command(step.name)
    .description(step.description)
    .argument(kind.argument, `a ${kind.name}'s id`, uuid);
  addChangeOptions(command, { asks: true }).action(async (id: string, options: ChangeOptions) => {
    const operator = openOperator(terminal);
    const thing = await operator.get(pathOf(kind, id), kind.answer);
    const plan = {
      path: `${pathOf(kind, id)}/${step.name}`,
      answer: kind.answer,
      about: kind.text(thing),
      confirmation: { question: step.question(thing) },
    };
    const changed = await change(terminal, operator, plan, options);
    if (changed !== undefined) answer(terminal, options, changed, () => kind.text(changed));
  });
}

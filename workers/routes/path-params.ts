/** Path parameters: each name has one form everywhere. */
import * as z from "zod";
import { clusterId, wholeNumber } from "#schema/contracts/parts.ts";
import { MOST_PARTS } from "#schema/contracts/state-transfer.ts";

export const PATH_PARAMS = {
  box_id: z.uuid(),
  job_id: z.uuid(),
  backup_id: z.uuid(),
  rollout_id: z.uuid(),
  token_id: z.uuid(),
  cluster_id: clusterId,
  order_id: z.uuid(),
  index: wholeNumber(0, MOST_PARTS - 1).meta({ description: "The part's index, from 0" }),
};

type Name = keyof typeof PATH_PARAMS;
type NamesIn<P extends string> = P extends `${string}{${infer N}}${infer Rest}` ? N | NamesIn<Rest> : never;

/** The values of a path's `{names}`. */
export type PathParams<P extends string> = { [N in NamesIn<P> & Name]: z.output<(typeof PATH_PARAMS)[N]> };

export const namesIn = (path: string): Name[] => Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name as Name);

export const paramsOf = (path: string) =>
  z.object(Object.fromEntries(namesIn(path).map((name) => [name, PATH_PARAMS[name]])));

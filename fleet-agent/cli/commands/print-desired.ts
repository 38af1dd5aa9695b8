import { readFileSync } from "node:fs";
import * as z from "zod";
import { BoxConfig } from "#schema/contracts/box-config.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { newId } from "#schema/domain/ids.ts";
import type { DesiredStatus } from "#schema/domain/states.ts";
import type { TierId } from "#schema/domain/tiers.ts";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import { allObjects, boxObjects } from "../../drivers/desired/box-objects.ts";

export interface PrintOptions {
  /** A file with a box's `box.json`; `-` is standard input. */
  file: string;
  tier: TierId;
  status: Exclude<DesiredStatus, "destroyed">;
  fence: number;
  restartToken: string;
}

/** A box's objects as one Kubernetes List, for `kubectl apply -f -`. Throws with what is wrong with the file. */
export function desiredList(options: PrintOptions, settings: ClusterSettings): string {
  const config = readBoxConfig(options.file);
  const box: DesiredBox = {
    box_id: config.box_id,
    customer_id: newId(),
    generation: config.generation,
    fence: options.fence,
    status: options.status,
    tier: options.tier,
    restart_token: options.restartToken,
    config,
  };
  const items = allObjects(boxObjects(box, settings));
  return JSON.stringify({ apiVersion: "v1", kind: "List", items }, null, 2);
}

function readBoxConfig(file: string): BoxConfig {
  const text = readFileSync(file === "-" ? 0 : file, "utf8");
  const parsed = BoxConfig.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`${file} is not a box.json:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** `POST /fleet/box/changes`: a supervisor tells which files its agent changed and it put right. */
import * as z from "zod";
import { storable } from "./parts.ts";

export const CHANGES_PATH = "/fleet/box/changes";

export const ChangesUndone = z
  .strictObject({ files: z.array(storable(64)).min(1).max(16).meta({ description: "Such as `openclaw.json`" }) })
  .meta({ id: "ChangesUndone" });
export type ChangesUndone = z.infer<typeof ChangesUndone>;

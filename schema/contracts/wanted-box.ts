/** `GET /internal/boxes/:id/wanted`: a box's desired state, for comparison with the cluster. */
import * as z from "zod";
import { DesiredBox } from "./fleet.ts";

/**
 * A box as its fleet-agent would be told of it, but for its configuration, which holds its tokens: of that, the SHA-256 of
 * `box.json` as the cluster's objects carry it. Null where the box should not be there.
 */
export const WantedBox = DesiredBox.omit({ customer_id: true, config: true })
  .extend({ config_hash: z.string().nullable() })
  .meta({ id: "WantedBox" });
export type WantedBox = z.infer<typeof WantedBox>;

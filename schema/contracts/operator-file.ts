/** `.local/operator.json`: written by `npm start` for the command line on this machine. */
import * as z from "zod";
import { webUrl } from "./parts.ts";

export const OperatorFile = z.object({
  edge_url: webUrl,
  operator_key: z.string().min(1),
  /** If boxes are processes of this machine: their folder. */
  state_root: z.string().optional(),
  /** If boxes are pods: their cluster. */
  kubeconfig: z.string().optional(),
});
export type OperatorFile = z.infer<typeof OperatorFile>;

/** `.local/operator.json`: where `npm start` tells the command line of this machine what it needs to know. */
import * as z from "zod";
import { webUrl } from "./parts.ts";

export const OperatorFile = z.object({
  edge_url: webUrl,
  operator_key: z.string().min(1),
  /** Where boxes are processes of this machine: the folder they live in. */
  state_root: z.string().optional(),
  /** Where boxes are pods: the cluster they run in. */
  kubeconfig: z.string().optional(),
});
export type OperatorFile = z.infer<typeof OperatorFile>;

import * as z from "zod";

/** What a box's supervisor says of it (`/readyz` and `/status`), as far as the agent uses it. */
const Readiness = z.object({
  ok: z.boolean(),
  reason: z.string().nullable().default(null),
  /** Of the catalogue of reasons; a newer supervisor may know more of them. */
  code: z.string().nullable().default(null),
  /** Of the configuration that is in effect. */
  generation: z.int().nullable().default(null),
  config_problem: z.string().nullable().default(null),
  gateway_restarts: z.int().default(0),
  /** `up` since its own probe of the start; what `/startupz` says to a kubelet. */
  gateway: z.enum(["up", "starting", "down"]).default("starting"),
});
export type Readiness = z.infer<typeof Readiness>;

/** How long the trouble of a gateway that runs may last while a job waits for it, by whether another attempt may help. */
export const TROUBLE_MS = { final: 10_000, retry: 60_000 } as const;

/** Undefined for anything else. */
export const readReadiness = (body: unknown): Readiness | undefined => Readiness.safeParse(body).data;

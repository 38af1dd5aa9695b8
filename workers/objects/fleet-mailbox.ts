import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";

/** The jobs of one cluster, and who holds them. */
export class FleetMailbox extends DurableObject<Env> {}

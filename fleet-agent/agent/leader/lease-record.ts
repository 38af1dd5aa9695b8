import * as z from "zod";

/** The part of a coordination.k8s.io/v1 Lease that an election uses. */
export const LeaseView = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  spec: z
    .object({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.int().nullish(),
      acquireTime: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.int().nullish(),
    })
    .prefault({}),
});
export type LeaseView = z.infer<typeof LeaseView>;
export type LeaseSpec = LeaseView["spec"];

/** Kubernetes' MicroTime: six digits after the second, not three. */
export const microTime = (at: Date): string => at.toISOString().replace(/Z$/, "000Z");

/** The lease as its holder writes it. */
export function heldBy(identity: string, before: LeaseSpec | undefined, leaseMs: number, at: Date): LeaseSpec {
  const goesOn = before?.holderIdentity === identity;
  const now = microTime(at);
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(leaseMs / 1_000),
    acquireTime: (goesOn && before.acquireTime) || now,
    renewTime: now,
    leaseTransitions: goesOn ? (before.leaseTransitions ?? 0) : before ? (before.leaseTransitions ?? 0) + 1 : 0,
  };
}

/** The lease without a holder, expired in a second: any candidate may take it. */
export const released = (before: LeaseSpec, at: Date): LeaseSpec => ({
  leaseDurationSeconds: 1,
  acquireTime: microTime(at),
  renewTime: microTime(at),
  leaseTransitions: before.leaseTransitions ?? 0,
});

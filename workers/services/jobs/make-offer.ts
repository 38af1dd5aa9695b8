import type { Offer } from "../../contracts/mailbox.ts";
import type { JobRow } from "./view-job.ts";

type Queued = Pick<JobRow, "id" | "boxId" | "seq" | "availableAt">;

/** What a mailbox is told of a queued job. A box without an owner is one of the warm pool: nobody waits for its jobs. */
export const makeOffer = ({ id, boxId, seq, availableAt }: Queued, box: { customerId: string | null }): Offer => ({
  jobId: id,
  boxId,
  seq,
  availableAt: availableAt.getTime(),
  background: box.customerId === null,
});

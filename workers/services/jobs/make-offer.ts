import type { Offer } from "../../contracts/mailbox.ts";

interface Queued {
  id: string;
  boxId: string;
  seq: number;
  /** Milliseconds, where it is not a Date. */
  availableAt: Date | number;
}

/** What a mailbox is told of a queued job: the one way to say it. */
export const makeOffer = ({ id, boxId, seq, availableAt }: Queued, background: boolean): Offer => ({
  jobId: id,
  boxId,
  seq,
  availableAt: Number(availableAt),
  background,
});

/** Whether nobody waits for jobs of this box: it is one of the warm pool. */
export const isBackground = (box: { customerId: string | null }): boolean => box.customerId === null;

/** What tests may break. Each knob sets how often from now on; 0 mends it, Infinity keeps it broken. */
export interface FaultKnobs {
  /** The next `n` publishes, enqueues and batches are refused with 503, and nothing of them is kept. */
  failPublishes(n: number): void;
  /** The next `n` deliveries are lost without a trace: no request is made, no retry follows. */
  dropDeliveries(n: number): void;
  /** The next `n` successful deliveries are made twice, as when a server dies before it records the answer. */
  duplicateDeliveries(n: number): void;
}

export type Fault = "publish" | "drop" | "duplicate";

export interface Faults {
  knobs: FaultKnobs;
  /** Whether the fault happens now; uses one of its turns up. */
  strikes(fault: Fault): boolean;
}

export function createFaults(): Faults {
  const left: Record<Fault, number> = { publish: 0, drop: 0, duplicate: 0 };
  const knob = (fault: Fault) => (n: number) => {
    left[fault] = n;
  };
  return {
    knobs: { failPublishes: knob("publish"), dropDeliveries: knob("drop"), duplicateDeliveries: knob("duplicate") },
    strikes(fault) {
      if (left[fault] <= 0) return false;
      left[fault] -= 1;
      return true;
    },
  };
}

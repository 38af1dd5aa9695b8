/** The result of one check. A skipped one says why in its detail. */
export interface Finding {
  check: string;
  status: "ok" | "warn" | "fail" | "skipped";
  detail: string;
  /** What to do about it. */
  todo?: string;
}

export type Check = () => Promise<readonly Finding[]>;

const finding =
  (status: Finding["status"]) =>
  (check: string, detail: string, todo?: string): Finding => ({ check, status, detail, ...(todo && { todo }) });

export const ok = finding("ok");
export const warn = finding("warn");
export const fail = finding("fail");
export const skipped = finding("skipped");

/** A check that throws counts as a failure. */
export async function carefully(name: string, check: Check): Promise<readonly Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [fail(name, error instanceof Error ? error.message : String(error))];
  }
}

/** `scheduler.wait` is workerd's alone, and much of this runs in Node too. */
export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** `scheduler.wait` exists only in workerd, and much of this code also runs in Node. */
export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

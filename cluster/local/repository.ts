import { resolve } from "node:path";

/** The checkout's root, wherever the program was started from. */
export const REPOSITORY = resolve(import.meta.dirname, "../..");

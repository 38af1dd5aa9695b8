import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";

/** PGlite with all tables, behind the built-in Neon. */
export const startPglite = (): Promise<TestNeon> => overPglite("migrated");

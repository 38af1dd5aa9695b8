import { MIGRATIONS, type TestNeon, testBackends } from "#cluster/local/neon/testing/test-neon.ts";

/** PGlite with all tables, behind the built-in Neon. */
export async function startPglite(): Promise<TestNeon> {
  const [pglite] = testBackends(undefined);
  if (!pglite) throw new Error("no backend");
  const standIn = await pglite.start();
  await standIn.neon.migrate(MIGRATIONS);
  return standIn;
}

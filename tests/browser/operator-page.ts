import type { Page } from "playwright-core";
import type { FakeEdge } from "./fake-edge.ts";

/** Opens /admin with the operator's key, until the desk is there. */
export async function signIn(page: Page, edge: Pick<FakeEdge, "url" | "key">): Promise<void> {
  await page.goto(`${edge.url}/admin`);
  await page.getByLabel("Operator key", { exact: true }).fill(edge.key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Tokens" }).waitFor();
}

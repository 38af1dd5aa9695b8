import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { openPage, overflows } from "./chromium.ts";
import { contrastFailures } from "./contrast.ts";
import { browser, edge, page, setUpPages, signIn, watched } from "./operator-page.ts";

setUpPages();

const section = (on: Page = page) => on.getByRole("region", { name: "Tokens" });
const rowOf = (last4: string) => section().getByRole("listitem").filter({ hasText: last4 });
const shown = () => section().getByRole("status");

/** Nothing of the value in any address, in what the tab keeps, or in what the page complained of. */
async function expectUnkept(value: string): Promise<void> {
  const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie]));
  expect([kept, page.url(), ...edge.lines, ...watched.asked, ...watched.complaints].join()).not.toContain(value);
}

describe("a new token", () => {
  it("is shown until the operator has it, and never again", async () => {
    await signIn();
    const form = section().getByRole("form", { name: "New token" });
    await form.getByLabel("For the customer").fill("ada@example.org ");
    await form.getByLabel("What it is for").fill("laptop");
    await form.getByRole("button", { name: "Make a token" }).click();
    await shown().waitFor();
    const [token] = edge.tokens.rows;
    const value = edge.tokens.values.get(token?.id ?? "") ?? "none";
    expect(await shown().textContent()).toContain(value);
    await rowOf(token?.last4 ?? "")
      .getByText("laptop")
      .waitFor();
    await expectUnkept(value);
    await shown().getByRole("button", { name: "I have it" }).click();
    await expect.poll(() => shown().count()).toBe(0);
    expect(await page.content()).not.toContain(value);
    expect(watched.complaints).toEqual([]);
  });

  it("needs a customer and a purpose, and says so beside the field", async () => {
    await signIn();
    const form = section().getByRole("form", { name: "New token" });
    await form.getByRole("button", { name: "Make a token" }).click();
    await form.getByText("Enter the email of a customer.").waitFor();
    await form.getByText("Say what it is for").waitFor();
    await form.getByLabel("For the customer").fill("nobody@example.org");
    await form.getByLabel("What it is for").fill("laptop");
    await form.getByRole("button", { name: "Make a token" }).click();
    await form.getByText("There is no such customer").waitFor();
    expect(edge.tokens.rows).toEqual([]);
  });
});

describe("a token in the list", () => {
  it("is replaced only by one who is asked back, and the new one is shown even where the old one's row goes", async () => {
    const { token } = await edge.tokens.add();
    await signIn();
    await section().getByLabel("State").selectOption("active");
    await rowOf(token.last4).getByRole("button", { name: "Replace now" }).click();
    await rowOf(token.last4).getByRole("button", { name: "Keep it" }).click();
    expect(token.status).toBe("active");
    await rowOf(token.last4).getByRole("button", { name: "Replace now" }).click();
    await rowOf(token.last4).getByRole("button", { name: "end this one now" }).click();
    await expect.poll(() => rowOf(token.last4).count()).toBe(0);
    expect(token.status).toBe("revoked");
    const value = edge.tokens.values.get(edge.tokens.rows[0]?.id ?? "") ?? "none";
    expect(await shown().textContent()).toContain(value);
    await expectUnkept(value);
  });

  it("of a box is rotated without showing it, and can't be revoked", async () => {
    const { token } = await edge.tokens.add({ box_id: newId(), label: null });
    await signIn();
    expect(await rowOf(token.last4).getByRole("button", { name: "Revoke" }).count()).toBe(0);
    await rowOf(token.last4).getByRole("button", { name: "Rotate" }).click();
    await rowOf(token.last4).getByRole("button", { name: "another day" }).click();
    await rowOf(token.last4).getByText("retiring").waitFor();
    expect(await shown().count()).toBe(0);
    await rowOf(token.last4).getByRole("button", { name: "Revoke" }).click();
    await rowOf(token.last4).getByRole("button", { name: "for good" }).click();
    await rowOf(token.last4).getByText("revoked").waitFor();
    expect(await rowOf(token.last4).getByRole("button").count()).toBe(0);
  });

  it("is found by its customer and status", async () => {
    const { token } = await edge.tokens.add();
    const other = await edge.tokens.add({ customer_email: "grace@example.org" });
    await signIn();
    await rowOf(other.token.last4).waitFor();
    await section().getByLabel("Customer", { exact: true }).fill("ada@example.org");
    await expect.poll(() => rowOf(other.token.last4).count()).toBe(0);
    await rowOf(token.last4).waitFor();
    await section().getByLabel("State").selectOption("revoked");
    await section().getByText("No token matches.").waitFor();
  });
});

describe("a leaked token", () => {
  it("is looked up in a request's body, and can be ended there", async () => {
    const { token, value } = await edge.tokens.add({ label: "leaky" });
    await signIn();
    const field = section().getByLabel("A token that leaked", { exact: true });
    await field.fill(` ${value} `);
    await section().getByRole("button", { name: "Whose is it?" }).click();
    await expect.poll(() => rowOf(token.last4).count()).toBe(2);
    expect(await field.inputValue()).toBe("");
    await expectUnkept(value);
    await rowOf(token.last4).first().getByRole("button", { name: "Revoke" }).click();
    await rowOf(token.last4).first().getByRole("button", { name: "for good" }).click();
    await expect.poll(() => rowOf(token.last4).count()).toBe(1);
    expect(token.status).toBe("revoked");
  });

  it("that is none, or none of ours, is said to be so; nothing is asked for the former", async () => {
    const { token, value } = await edge.tokens.add();
    edge.tokens.rows.splice(0);
    await signIn();
    const ask = async (text: string) => {
      await section().getByLabel("A token that leaked", { exact: true }).fill(text);
      await section().getByRole("button", { name: "Whose is it?" }).click();
    };
    await ask(value.slice(0, -1));
    await section().getByText("This is not a whole token").waitFor();
    expect(edge.lines.filter((line) => line.includes("lookup"))).toEqual([]);
    await ask(value);
    await section().getByText("It is none of ours.").waitFor();
    expect(token.status).toBe("active");
  });
});

describe.each(["light", "dark"] as const)("in the %s", (colorScheme) => {
  it("fits a phone, and every text is readable", async () => {
    await edge.tokens.add({ customer_email: "somebody.with.a.rather.long.name@subdomain.example.org" });
    await edge.tokens.add({ status: "retiring", expires_at: new Date().toISOString(), label: "x".repeat(100) });
    const phone = await openPage(browser, { colorScheme, viewport: { width: 360, height: 740 } });
    await signIn(phone.page);
    await section(phone.page).getByRole("button", { name: "Replace now" }).first().click();
    await section(phone.page).getByRole("button", { name: "end this one now" }).click();
    await section(phone.page).getByRole("status").waitFor();
    expect(await overflows(phone.page)).toBe(false);
    expect(await contrastFailures(phone.page)).toEqual([]);
    expect(phone.complaints).toEqual([]);
    await phone.close();
  });
});

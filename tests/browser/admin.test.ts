import { describe, expect, it } from "vitest";
import type { Box } from "#schema/contracts/internal.ts";
import { openPage, overflows } from "./chromium.ts";
import { contrastFailures } from "./contrast.ts";
import { browser, edge, page, setUpPages, signIn, watched } from "./operator-page.ts";

const BOT_TOKEN = "987654321:AAtestonlytestonlytestonlytestonly0";

setUpPages();

async function fill(values: { email?: string; token?: string; user?: string } = {}): Promise<void> {
  await page.getByLabel("Customer email").fill(values.email ?? "Ada@Example.org");
  await page.getByLabel("Telegram bot token", { exact: true }).fill(values.token ?? ` ${BOT_TOKEN} `);
  await page.getByLabel("Telegram user ids").fill(values.user ?? "424242");
}

const send = () => page.getByRole("button", { name: "Provision a box" }).click();

/** A box that is through its provisioning. */
function activeBox(email = "grace@example.org"): Box {
  const { job, box } = edge.fleet.provision({
    customer_email: email,
    telegram_bot_token: "1234567:AA",
    telegram_user_id: 7,
    tier: "pro",
    model: "kimi-coding/k2p5",
    thinking_level: "low",
    language: "de",
  });
  const stored = edge.fleet.jobs.get(job.id);
  while (stored && !stored.finished_at) edge.fleet.advance(stored);
  return edge.fleet.boxes.get(box.id) ?? box;
}

describe("the operator key", () => {
  it("is refused in words when the edge does not know it", async () => {
    await page.goto(`${edge.url}/admin`);
    await page.getByLabel("Operator key", { exact: true }).fill("wrong-key");
    await page.getByRole("button", { name: "Sign in" }).click();
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toContain("The edge does not know this key.");
    expect(await alert.textContent()).toContain("req_test_42");
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it("lives in this tab's session and nowhere else, and goes with the sign-out", async () => {
    await signIn();
    const kept = () =>
      page.evaluate(() => [JSON.stringify(sessionStorage), JSON.stringify(localStorage), document.cookie]);
    expect((await kept())[0]).toContain(edge.key);
    expect((await kept()).slice(1).join()).not.toContain(edge.key);
    await page.reload();
    await page.getByRole("heading", { name: "New box" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Operator key", { exact: true }).waitFor();
    expect((await kept()).join()).not.toContain(edge.key);
    expect([...edge.lines, ...watched.asked, page.url()].join()).not.toContain(edge.key);
  });

  it("is asked for again when the edge stops taking it", async () => {
    await signIn();
    edge.key = "another-key-now";
    await page.getByRole("alert").getByText("no longer accepts this key").waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });
});

describe("provisioning", () => {
  it("sends the product's fields, shows the job step by step and says what to do next", async () => {
    await signIn();
    await fill();
    await page.getByLabel("Tier").selectOption("team");
    await page.getByLabel("Language").selectOption("uk");
    await send();
    const job = page.getByRole("region", { name: "Job: Provision" });
    await job.getByText("Created the namespace with its quota and network policy").waitFor();
    await job.getByText("The gateway is ready and the Telegram channel runs").waitFor();
    await job.getByText("Done.").waitFor();
    expect(await job.getByRole("link", { name: /t\.me/ }).getAttribute("href")).toBe("https://t.me/bot_987654321_bot");
    expect(edge.provisions).toEqual([
      {
        customer_email: "ada@example.org",
        telegram_bot_token: BOT_TOKEN,
        telegram_users: [{ id: 424242, name: null }],
        tier: "team",
        model: "kimi-coding/k2p5",
        thinking_level: "low",
        language: "uk",
      },
    ]);
    const row = page.getByRole("row").filter({ hasText: "ada@example.org" });
    await row.getByText("active").waitFor();
    expect(await row.textContent()).toContain("Team");
    expect(await page.getByLabel("Telegram bot token", { exact: true }).inputValue()).toBe("");
    expect(watched.complaints).toEqual([]);
    expect(watched.asked.filter((url) => !url.startsWith(edge.url))).toEqual([]);
    expect([...edge.lines, page.url()].join()).not.toContain("AAtestonly");
  });

  it("is one request however often its answer is lost, and a new one afterwards", async () => {
    await signIn();
    const keys: (string | undefined)[] = [];
    await page.route("**/internal/provision", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      await (keys.length === 1 ? route.abort("connectionreset") : route.continue());
    });
    await fill();
    await send();
    await page.getByRole("alert").getByText("The edge does not answer.").waitFor();
    await send();
    await page.getByRole("region", { name: "Job: Provision" }).waitFor();
    await fill({ email: "second@example.org" });
    await send();
    await page.getByRole("rowheader", { name: "second@example.org" }).waitFor();
    expect(keys).toHaveLength(3);
    expect(keys[0]).toMatch(/^[\w-]{10,}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("shows why a job died, and retries it", async () => {
    await signIn();
    edge.fleet.failNextJob = "The image could not be pulled.";
    await fill();
    await send();
    const job = page.getByRole("region", { name: "Job: Provision" });
    await job.getByRole("alert").getByText("The image could not be pulled.").waitFor();
    await job.getByText("Given up. A person must look.").waitFor();
    await job.getByRole("button", { name: "retry" }).click();
    await job.getByText("Done.").waitFor();
  });

  it("finds what is wrong before anything is sent, at the field, and goes there", async () => {
    await signIn();
    await fill({ email: "not an address", token: "12345", user: "@ada" });
    await send();
    const email = page.getByLabel("Customer email");
    await page.getByText("Enter an email address").waitFor();
    await page.getByText("Paste the token as @BotFather gave it").waitFor();
    await page.getByText("digits only, not the @name").waitFor();
    expect(await email.getAttribute("aria-invalid")).toBe("true");
    await expect.poll(() => email.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(edge.provisions).toEqual([]);
    await email.fill("ada@example.org");
    expect(await email.getAttribute("aria-invalid")).toBe("false");
  });

  it("puts the edge's own findings at their fields, and keeps what was typed", async () => {
    await signIn();
    edge.refuseNext = {
      code: "invalid_request",
      detail: "Telegram does not know this bot.",
      errors: [{ pointer: "/telegram_bot_token", detail: "Telegram refused this token." }],
    };
    await fill();
    await send();
    const token = page.getByLabel("Telegram bot token", { exact: true });
    await expect.poll(() => token.getAttribute("aria-invalid")).toBe("true");
    const note = await token.getAttribute("aria-describedby");
    expect(await page.locator(`[id="${note}"]`).textContent()).toBe("Telegram refused this token.");
    expect(await page.getByRole("alert").textContent()).toMatch(/Telegram does not know this bot\.[\s\S]*req_test_42/);
    expect(await page.getByLabel("Telegram user ids").inputValue()).toBe("424242");
  });

  it("hides the bot token until it is asked to show it", async () => {
    await signIn();
    const token = page.getByLabel("Telegram bot token", { exact: true });
    expect(await token.getAttribute("type")).toBe("password");
    await page.getByRole("button", { name: "Show Telegram bot token" }).click();
    expect(await token.getAttribute("type")).toBe("text");
  });
});

describe("boxes", () => {
  it("are found by status, by health and by words", async () => {
    const first = activeBox("first@example.org");
    activeBox("second@example.org");
    first.status = "suspended";
    await signIn();
    const rows = page.getByRole("rowheader");
    await expect.poll(() => rows.count()).toBe(2);
    await page.getByLabel("Status").selectOption("suspended");
    await expect.poll(() => rows.allInnerTexts()).toEqual(["first@example.org"]);
    await page.getByLabel("Status").selectOption("any status");
    first.health = "unhealthy";
    await page.getByLabel("Health").selectOption("unhealthy");
    await expect.poll(() => rows.allInnerTexts()).toEqual(["first@example.org"]);
    await page.getByLabel("Health").selectOption("healthy");
    await expect.poll(() => rows.allInnerTexts()).toEqual(["second@example.org"]);
    await page.getByLabel("Health").selectOption("any health");
    await page.getByLabel("Search").fill("second");
    await expect.poll(() => rows.allInnerTexts()).toEqual(["second@example.org"]);
    await page.getByLabel("Search").fill("nobody");
    await page.getByText("No box matches.").waitFor();
  });

  it("come page by page", async () => {
    for (let i = 0; i < 23; i++) activeBox(`customer${i}@example.org`);
    await signIn();
    const rows = page.getByRole("rowheader");
    await expect.poll(() => rows.count()).toBe(20);
    await page.getByRole("button", { name: "Show more" }).first().click();
    await expect.poll(() => rows.count()).toBe(23);
  });

  it("are suspended and reactivated, with the job in sight", async () => {
    const box = activeBox();
    await signIn();
    await page.getByRole("link", { name: box.customer_email ?? "" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Suspend" }).click();
    await dialog.getByRole("region", { name: "Job: Suspend" }).getByText("Done.").waitFor();
    expect(edge.fleet.boxes.get(box.id)?.status).toBe("suspended");
    await dialog.getByRole("button", { name: "Reactivate" }).click();
    await dialog.getByRole("region", { name: "Job: Reactivate" }).getByText("Done.").waitFor();
    await dialog.getByRole("button", { name: "Restart" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => dialog.count()).toBe(0);
    expect(new URL(page.url()).hash).toBe("");
  });

  it("get another bot and other people, and say who loses access", async () => {
    const box = activeBox();
    await signIn();
    await page.goto(`${edge.url}/admin#box-${box.id}`);
    const form = page.getByRole("form", { name: "Bot and people" });
    const save = form.getByRole("button", { name: "Save bot and people" });
    expect(await save.isDisabled()).toBe(true);
    await form.getByLabel("May talk to it").fill("@ada");
    await save.click();
    await form.getByText("digits only, not the @name").waitFor();
    await form.getByLabel("May talk to it").fill("8 Grace");
    await form.getByText("Will lose access: 7").waitFor();
    await form.getByLabel("New bot token", { exact: true }).fill(BOT_TOKEN);
    await save.click();
    await form.getByRole("region", { name: "Job: Update" }).getByText("Done.").waitFor();
    const telegram_users = [{ id: 8, name: "Grace" }];
    expect(edge.updates).toEqual([{ telegram_users, telegram_bot_token: BOT_TOKEN }]);
    await page.getByText("Grace (8)").waitFor();
    expect([...edge.lines, page.url()].join()).not.toContain("AAtestonly");
  });

  it("are destroyed only by one who types the bot's name", async () => {
    const box = activeBox();
    await signIn();
    await page.goto(`${edge.url}/admin#box-${box.id}`);
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Destroy…" }).click();
    const confirm = dialog.getByRole("button", { name: "Destroy it" });
    const name = dialog.getByLabel(`Type ${box.telegram_bot_username} to go on`);
    expect(await confirm.isDisabled()).toBe(true);
    await name.fill("some_other_bot");
    await name.press("Enter");
    expect(await confirm.isDisabled()).toBe(true);
    expect(edge.lines.filter((line) => line.includes("/destroy/"))).toEqual([]);
    await name.fill(`@${box.telegram_bot_username}`);
    await confirm.click();
    await dialog.getByRole("region", { name: "Job: Destroy" }).getByText("Done.", { exact: false }).waitFor();
    expect(edge.lines.filter((line) => line.includes("/destroy/"))).toHaveLength(1);
    expect(edge.fleet.boxes.get(box.id)?.status).toBe("destroyed");
    await expect.poll(() => dialog.getByRole("button", { name: /Destroy|Suspend|Restart|Reactivate/ }).count()).toBe(0);
  });
});

describe.each(["light", "dark"] as const)("in the %s", (colorScheme) => {
  it("fits a phone, and every text is readable", async () => {
    const box = activeBox("somebody.with.a.rather.long.name@subdomain.example.org");
    const phone = await openPage(browser, { colorScheme, viewport: { width: 360, height: 740 } });
    await signIn(phone.page);
    await phone.page.getByRole("link", { name: box.customer_email ?? "" }).waitFor();
    expect(await overflows(phone.page)).toBe(false);
    expect(await contrastFailures(phone.page)).toEqual([]);
    await phone.page.getByRole("link", { name: box.customer_email ?? "" }).click();
    await phone.page.getByRole("button", { name: "Suspend" }).waitFor();
    expect(await overflows(phone.page)).toBe(false);
    expect(await contrastFailures(phone.page)).toEqual([]);
    expect(phone.complaints).toEqual([]);
    await phone.close();
  });
});

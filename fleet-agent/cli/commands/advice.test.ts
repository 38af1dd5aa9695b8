import { expect, it } from "vitest";
import { sampleAnsweredBox, sampleJob } from "../../testing/sample-answers.ts";
import { boxDetails } from "./boxes/get.ts";
import { jobDetails } from "./jobs/details.ts";

it("a box and a job show the code, what it means and what to do", () => {
  const box = sampleAnsweredBox({
    health: "unhealthy",
    health_code: "bot_token_refused",
    status_reason: "Telegram refuses the bot's token (401)",
  });
  expect(boxDetails(box)).toMatch(/^reason +Telegram refuses the bot's token \(401\)$/m);
  expect(boxDetails(box)).toMatch(/^health +unhealthy \(bot_token_refused\)/m);
  const job = sampleJob({ error_code: "bot_token_refused", error_message: "in words" });
  for (const text of [boxDetails(box), jobDetails(job)]) {
    expect(text).toMatch(/^means +Telegram refuses the bot's token \(401\): it was revoked/m);
    expect(text).toMatch(/^to do .*--new-bot.*\(docs\/runbooks\/unhealthy-box\.md\)$/m);
  }
});

it("a code that this program does not know is shown as it is, without advice", () => {
  const text = boxDetails(sampleAnsweredBox({ health: "unhealthy", health_code: "out_of_cheese" }));
  expect(text).toContain("(out_of_cheese)");
  expect(text).not.toContain("to do");
});

import { describe, expect, test } from "vitest";
import { MailError } from "./mail-error.ts";
import { readDraft } from "./read-draft.ts";

const letter = { from: "Cloud <hello@cloud.test>", to: "ada@example.com", subject: "Hi", text: "Hello" };

function errorOf(body: unknown): unknown {
  try {
    return readDraft(body);
  } catch (error) {
    return error instanceof MailError ? error.toJSON() : error;
  }
}

describe("readDraft", () => {
  test("fills in what was left out, and makes lists of single addresses", () => {
    expect(readDraft({ ...letter, reply_to: "Help <help@cloud.test>", unknown: 1 })).toEqual({
      from: "Cloud <hello@cloud.test>",
      to: ["ada@example.com"],
      cc: [],
      bcc: [],
      reply_to: ["Help <help@cloud.test>"],
      subject: "Hi",
      html: null,
      text: "Hello",
      headers: {},
      tags: [],
      attachments: [],
      scheduled_at: null,
    });
  });

  test("takes the rest as it is, but for what is attached", () => {
    const given = { ...letter, to: ["a@b.test", "c@d.test"], tags: [{ name: "kind", value: "ready" }] };
    const attachments = [{ filename: "a.pdf", content: "AAAA", content_type: "application/pdf" }];
    const draft = readDraft({ ...given, attachments, headers: { "X-Box": "1" }, scheduled_at: "in 1 hour" });
    expect(draft).toMatchObject({
      to: given.to,
      tags: given.tags,
      headers: { "X-Box": "1" },
      scheduled_at: "in 1 hour",
    });
    expect(draft.attachments).toEqual([{ filename: "a.pdf", content_type: "application/pdf" }]);
  });

  test.each(["from", "to", "subject"])("names %s when it is missing", (field) => {
    const expected = { statusCode: 422, name: "missing_required_field", message: `Missing \`${field}\` field.` };
    expect(errorOf({ ...letter, [field]: undefined })).toEqual(expected);
    expect(errorOf({ ...letter, [field]: "" })).toEqual(expected);
  });

  test("wants something to read", () => {
    expect(errorOf({ ...letter, text: undefined })).toMatchObject({ name: "missing_required_field" });
    expect(readDraft({ ...letter, text: undefined, html: "<p>Hi</p>" }).html).toBe("<p>Hi</p>");
  });

  test.each([
    ["from", "hello"],
    ["from", "Cloud <hello>"],
    ["from", "a@b.test, c@d.test"],
    ["to", []],
    ["to", ["ada@example.com", "nobody"]],
    ["to", Array.from({ length: 51 }, (_, i) => `a${i}@b.test`)],
    ["cc", "x y@b.test"],
    ["tags", [{ name: "has space", value: "x" }]],
    ["headers", { "X-Number": 1 }],
  ])("refuses %s that is %j", (field, value) => {
    expect(errorOf({ ...letter, [field]: value })).toMatchObject({
      statusCode: 422,
      name: "validation_error",
      message: expect.stringContaining(`Invalid \`${field}\` field.`),
    });
  });

  test.each([null, [], "text", 7])("refuses a body that is %j", (body) => {
    expect(errorOf(body)).toMatchObject({ statusCode: 422, name: "validation_error" });
  });
});

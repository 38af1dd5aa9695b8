import { describe, expect, it } from "vitest";
import { operations } from "../routes.ts";
import { openApiDocument } from "./document.ts";

const document = openApiDocument(
  operations.map(({ description }) => description),
  "https://edge.example",
);
const restore = document.paths["/internal/backups/{backup_id}/restore"]?.post;

describe("the document", () => {
  it("has every operation, and what is spoken in vendors' words", () => {
    const listed = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    for (const { description } of operations) expect(listed).toContain(`${description.method} ${description.path}`);
    expect(listed).toEqual(expect.arrayContaining(["post /v1/messages", "post /hooks/qstash/jobs"]));
  });

  it("refers to nothing that it does not have", () => {
    const text = JSON.stringify(document);
    for (const [, kind = "", name = ""] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      expect(document.components[kind as "schemas"], `${kind} ${name}`).toHaveProperty(name);
    }
    expect(text).not.toContain("$defs");
  });

  it("says who may ask, what is checked, and all that may be answered", () => {
    expect(restore?.tags).toEqual(["Operators", "Backups"]);
    expect(restore?.security).toEqual([{ operatorKey: ["boxes:write"] }]);
    expect(restore?.parameters.map(({ name, in: place }) => `${place} ${name}`)).toEqual([
      "path backup_id",
      "header Idempotency-Key",
    ]);
    expect(Object.keys(restore?.responses ?? {})).toEqual(
      expect.arrayContaining(["202", "400", "401", "403", "404", "409", "413", "415", "500", "503"]),
    );
    expect(document.components.schemas.RestoreRequest).toMatchObject({
      additionalProperties: false,
      oneOf: [{ required: ["box_id"] }, { required: ["telegram_bot_token"] }],
    });
  });
});

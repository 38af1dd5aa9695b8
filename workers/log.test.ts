import { describe, expect, it } from "vitest";
import { createLog, type LogFields } from "./log.ts";

function line(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> {
  const lines: string[] = [];
  const log = createLog("request", "r-1", (text) => lines.push(text));
  write(log);
  log.emit();
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "");
}

describe("createLog", () => {
  it("writes one line with the request's id and the last value of each field", () => {
    const written = line((log) => {
      log.set({ status: 200, box_id: "b" });
      log.set({ status: 202 });
    });
    expect(written).toMatchObject({ kind: "request", request_id: "r-1", level: "info", status: 202, box_id: "b" });
  });

  it("drops what is not on the list", () => {
    const smuggled = { authorization: "Bearer ocp_secret", body: "hello" } as LogFields;
    expect(JSON.stringify(line((log) => log.set(smuggled)))).not.toMatch(/ocp_secret|hello/);
  });

  it("says where an error was thrown and what kind it is, never its words", () => {
    const root = Object.assign(new Error("password=canary"), { code: "23505", constraint: "boxes_one_live_per_bot" });
    const written = line((log) => log.error(new Error("Failed query: params: canary", { cause: root })));
    expect(written).toMatchObject({ level: "error", error_name: "Error", error_code: "23505" });
    expect(written.error_constraint).toBe("boxes_one_live_per_bot");
    expect(written.error_at).toContain("log.test.ts");
    expect(JSON.stringify(written)).not.toContain("canary");
  });

  it("survives a thrown value that is no error", () => {
    expect(line((log) => log.error("canary"))).toMatchObject({ error_name: "string" });
  });

  it("waits for what is still under way, and then shows the line to whoever wants it", async () => {
    const lines: string[] = [];
    const log = createLog("request", "r-1", (text) => lines.push(text));
    let done = (): void => undefined;
    const work = new Promise<void>((resolve) => {
      done = resolve;
    });
    let seen: object | undefined;
    log.also((line) => {
      seen = line;
    });
    log.until(work);
    log.set({ status: 200 });
    log.emit();
    expect(lines).toEqual([]);
    log.set({ output_tokens: 7 });
    done();
    await work;
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ status: 200, output_tokens: 7, level: "info" });
    expect(seen).toMatchObject({ output_tokens: 7, ms: expect.any(Number) });
  });
});

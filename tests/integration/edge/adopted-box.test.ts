/** A box of the warm pool through the API: what can be done to it before and after somebody has it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";
import { PATH, playPool } from "./pool-fleet.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

const { pool, resize, sweep, carryOut, settle, clear } = playPool(() => edge);
afterEach(clear);

describe("an adopted box", () => {
  test("does all that others do, and is never handed on", async () => {
    await resize({ starter: 1 });
    const [waiting] = (await settle()).boxes;
    const { box, job } = await edge.provision();
    const { id } = box;
    expect(id).toBe(waiting?.id);
    await carryOut(job.id);
    const step = async (path: string, body?: unknown) => {
      const response = await edge.operator.send("POST", path, body);
      expect(response.status, path).toBe(202);
      const { job } = (await response.json()) as { job: { id: string } };
      await carryOut(job.id);
      return (await edge.operator.box(id)).status;
    };
    expect(await step(`/internal/suspend/${id}`)).toBe("suspended");
    expect(await step(`/internal/reactivate/${id}`)).toBe("active");
    expect(await step(`/internal/resize/${id}`, { tier: "pro" })).toBe("active");
    expect(await step(`/internal/update/${id}`, { system_prompt: "Be brief" })).toBe("active");
    expect(await step(`/internal/restart/${id}`)).toBe("active");
    expect(await step(`/internal/destroy/${id}`)).toBe("destroyed");
    await sweep();
    expect((await pool("pro")).boxes).toEqual([]);
    expect((await edge.provision({ tier: "pro" })).box.id).not.toBe(id);
  });
});

describe("operators", () => {
  test("can't change a box of the pool as if it were somebody's, nor see it among customers'", async () => {
    await resize({ starter: 1 });
    const [box] = (await settle()).boxes;
    for (const verb of ["suspend", "restart", "destroy"]) {
      expect(await edge.operator.problem("POST", `/internal/${verb}/${box?.id}`)).toMatchObject({
        status: 409,
        detail: expect.stringContaining("warm pool"),
      });
    }
    expect((await edge.operator.boxes()).map(({ id }) => id)).not.toContain(box?.id);
    expect(await edge.operator.problem("GET", `/internal/boxes/${box?.id}`)).toMatchObject({ status: 404 });
  });

  test("are told what is wrong with a size, a tier or a cluster", async () => {
    for (const body of [{}, { starter: -1 }, { starter: 1.5 }, { starter: 100_000 }, { huge: 1 }, { starter: "2" }]) {
      expect((await edge.operator.problem("PUT", PATH, body)).status, JSON.stringify(body)).toBe(400);
    }
    for (const method of ["GET", "PUT"]) {
      const body = method === "PUT" ? { starter: 1 } : undefined;
      expect(await edge.operator.problem(method, "/internal/clusters/nowhere/pool", body)).toMatchObject({
        status: 404,
      });
    }
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { until } from "#tests/harness/until.ts";
import { type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from "../../../testing/fake-api-server.ts";
import { type FakeOperatorEdge, OPERATOR_KEY, startFakeOperatorEdge } from "../../../testing/fake-operator-edge.ts";
import { fakeTerminal } from "../../../testing/fake-terminal.ts";
import { sampleAnsweredBox } from "../../../testing/sample-answers.ts";
import { runCommandLine } from "../run-command-line.ts";

const box = sampleAnsweredBox();
let edge: FakeOperatorEdge;
let api: FakeApiServer;
let dir: string;
beforeEach(async () => {
  edge = await startFakeOperatorEdge();
  edge.routes[`GET /internal/boxes/${box.id}`] = () => ({ body: box });
  api = await startFakeApiServer();
  dir = mkdtempSync(join(tmpdir(), "boxes-logs-"));
});
afterEach(async () => {
  rmSync(dir, { recursive: true });
  await Promise.all([edge.close(), api.close()]);
});

const terminalWith = (env: Record<string, string>) => fakeTerminal({ ...edge.env, ...env });
function kubeconfig(): string {
  const file = join(dir, "kubeconfig");
  writeFileSync(file, api.config.exportConfig());
  return file;
}
const pod = (name: string, creationTimestamp: string) => ({
  metadata: { name, uid: newId(), resourceVersion: "1", creationTimestamp },
});
const PODS = { items: [pod("gateway-old", "2026-11-22T00:00:00Z"), pod("gateway-new", "2026-11-23T00:00:00Z")] };

describe("the log of a pod", () => {
  it("is the newest pod's, without what would move a screen", async () => {
    api.answer = ({ path }, response) =>
      path.endsWith("/log") ? void response.end("one\n\u001b[2Jtwo\n") : sendJson(response, 200, PODS);
    const terminal = terminalWith({ KUBECONFIG: kubeconfig() });
    expect(await runCommandLine(["boxes", "logs", box.id, "--tail", "7", "--since", "15m"], terminal)).toBe(0);
    expect(terminal.out).toEqual(["one", "\ufffd[2Jtwo"]);
    const asked = api.requests.at(-1);
    expect(asked?.path).toBe(`/api/v1/namespaces/${box.namespace}/pods/gateway-new/log`);
    expect(Object.fromEntries(asked?.query ?? [])).toEqual({
      container: "gateway",
      tailLines: "7",
      sinceSeconds: "900",
    });
  });

  it("is followed until Ctrl-C, which is no failure", async () => {
    api.answer = ({ path }, response) => {
      if (path.endsWith("/log")) response.write("a line\n");
      else sendJson(response, 200, PODS);
    };
    const terminal = terminalWith({ KUBECONFIG: kubeconfig() });
    const ended = runCommandLine(["boxes", "logs", box.id, "--follow"], terminal);
    await until("the line", () => terminal.out.length === 1);
    terminal.interruptNow();
    expect(await ended).toBe(0);
  });

  it.each([
    [403, 4, "pods/log is forbidden"],
    [400, 1, "has no such log"],
    [404, 3, "gone"],
  ])("that the API server refuses with %d ends with %d", async (status, code, words) => {
    api.answer = ({ path }, response) =>
      path.endsWith("/log") ? sendStatus(response, status, words) : sendJson(response, 200, PODS);
    const terminal = terminalWith({ KUBECONFIG: kubeconfig() });
    expect(await runCommandLine(["boxes", "logs", box.id], terminal)).toBe(code);
    expect(terminal.err.join()).toContain(words);
  });

  it("can't be had where there is no pod, no cluster or no such file", async () => {
    api.answer = (_request, response) => sendJson(response, 200, { items: [] });
    const none = terminalWith({ KUBECONFIG: kubeconfig() });
    expect(await runCommandLine(["boxes", "logs", box.id], none)).toBe(3);
    expect(none.err.join()).toContain(`fleet-agent jobs list --box ${box.id}`);
    const missing = terminalWith({ KUBECONFIG: join(dir, "missing") });
    expect(await runCommandLine(["boxes", "logs", box.id], missing)).toBe(2);
    const config = kubeconfig();
    await api.close();
    const down = terminalWith({ KUBECONFIG: config });
    expect(await runCommandLine(["boxes", "logs", box.id], down)).toBe(5);
    api = await startFakeApiServer();
  });
});

describe("the log of a local box", () => {
  const local = () => {
    const file = join(dir, "operator.json");
    writeFileSync(file, JSON.stringify({ edge_url: edge.url, operator_key: OPERATOR_KEY, state_root: dir }));
    return fakeTerminal({ OPERATOR_FILE: file });
  };

  it("is its file", async () => {
    mkdirSync(join(dir, box.id));
    writeFileSync(join(dir, box.id, "gateway.log"), "one\ntwo\nthree\n");
    const terminal = local();
    expect(await runCommandLine(["boxes", "logs", box.id, "--tail", "2"], terminal)).toBe(0);
    expect(terminal.out).toEqual(["two", "three"]);
  });

  it("may not be there yet", async () => {
    expect(await runCommandLine(["boxes", "logs", box.id], local())).toBe(3);
    expect(await runCommandLine(["boxes", "logs", box.id, "--previous"], local())).toBe(2);
    expect(await runCommandLine(["boxes", "logs", box.id, "--since", "yesterday"], local())).toBe(2);
  });
});

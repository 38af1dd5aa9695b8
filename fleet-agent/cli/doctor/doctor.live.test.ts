import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import packageJson from "../../../package.json" with { type: "json" };
import { type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from "../../testing/fake-api-server.ts";
import { startFakeEdge } from "../../testing/fake-edge.ts";
import { type FakeOperatorEdge, problem, startFakeOperatorEdge } from "../../testing/fake-operator-edge.ts";
import { fakeTerminal } from "../../testing/fake-terminal.ts";
import { sampleAnsweredBox, sampleCluster } from "../../testing/sample-answers.ts";
import { runCommandLine } from "../commands/run-command-line.ts";
import type { Finding } from "./finding.ts";
import { AGENT_USER } from "./rights-check.ts";

const SETTINGS = {
  GATEWAY_IMAGE: `registry.example/gateway@sha256:${"1".repeat(64)}`,
  EDGE_CIDRS: '[{"cidr":"203.0.113.0/24"}]',
};
let edge: FakeOperatorEdge;
let api: FakeApiServer;
let dir: string;
/** The cluster's answers that a test wants otherwise, by `METHOD /path`. */
let answers: Record<string, (body: string) => { status?: number; body?: unknown; message?: string }>;
let deniedRights: string[];
let heldRights: string[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "doctor-"));
  answers = {};
  deniedRights = [];
  heldRights = [];
  edge = await startFakeOperatorEdge();
  edge.routes["GET /healthz"] = ({ query }) => ({
    body: { ok: true, version: packageJson.version, ...(query.has("deep") && { services: { neon: { ok: true } } }) },
  });
  edge.routes["GET /internal/key"] = () => ({ body: { name: "ops", scopes: OPERATOR_SCOPES } });
  edge.routes["GET /internal/fleet"] = () => ({ body: { clusters: [sampleCluster(Date.now())] } });
  edge.routes["GET /internal/boxes"] = () => ({ body: { boxes: [], next_cursor: null } });
  edge.routes["GET /internal/clusters/hel1/comparison"] = () => ({
    body: { cluster_id: "hel1", asked_at: null, compared_at: null, found: null, brake: null },
  });
  api = await startFakeApiServer();
  api.answer = ({ method, path, body }, response) => {
    const own = answers[`${method} ${path}`] ?? clusterAnswers[`${method} ${path}`];
    const { status = 200, body: answer, message } = own ? own(body) : { status: 404, message: "not there" };
    if (message !== undefined) sendStatus(response, status, message);
    else sendJson(response, status, answer);
  };
});
afterEach(async () => {
  rmSync(dir, { recursive: true });
  await Promise.all([edge.close(), api.close()]);
});

const review = (body: string) => {
  const { verb, resource, subresource } = JSON.parse(body).spec.resourceAttributes;
  const right = `${verb} ${resource}${subresource ? `/${subresource}` : ""}`;
  const dangerous =
    /exec|attach|create pods.proxy|nodes.proxy|token|impersonate|bind|escalate|clusterrolebindings|validatingadmission/.test(
      right,
    );
  const secret = resource === "secrets" && ["get", "list", "watch", "patch"].includes(verb);
  const normally = !dangerous && !secret;
  return { body: { status: { allowed: (normally && !deniedRights.includes(right)) || heldRights.includes(right) } } };
};
const ADMISSION = "/apis/admissionregistration.k8s.io/v1";
const policies = [
  "fleet-fence",
  "fleet-workloads",
  "fleet-images",
  "fleet-foreign",
  "fleet-egress",
  "fleet-program",
  "fleet-bounds",
].flatMap((name) => [
  `GET ${ADMISSION}/validatingadmissionpolicies/${name}`,
  `GET ${ADMISSION}/validatingadmissionpolicybindings/${name}`,
]);
const READY = { status: { conditions: [{ type: "Ready", status: "True" }] } };
const meta = (name: string) => ({ metadata: { name, uid: "u", resourceVersion: "1" } });

/** A cluster as it should be. */
const clusterAnswers: typeof answers = {
  "GET /version": () => ({ body: { gitVersion: "v1.34.1+k3s1", major: "1", minor: "34" } }),
  "POST /apis/authentication.k8s.io/v1/selfsubjectreviews": () => ({
    body: { status: { userInfo: { username: "kubernetes-admin" } } },
  }),
  "POST /apis/authorization.k8s.io/v1/subjectaccessreviews": review,
  "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews": review,
  ...Object.fromEntries(policies.map((path) => [path, () => ({ body: {} })])),
  "POST /api/v1/namespaces": () => ({ status: 403, message: "the fleet-agent may write in namespaces of boxes only" }),
  "GET /api/v1/namespaces": () => ({ body: { items: [meta("customer-1")] } }),
  "PATCH /api/v1/namespaces/customer-1": () => ({ status: 403, message: "fleet/fence -1 is older than the stored 3" }),
  "GET /apis/storage.k8s.io/v1/storageclasses": () => ({
    body: {
      items: [
        {
          metadata: { name: "hcloud", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
          allowVolumeExpansion: true,
        },
      ],
    },
  }),
  "GET /api/v1/nodes": () => ({
    body: { items: [{ status: { images: [{ names: null }, { names: [SETTINGS.GATEWAY_IMAGE] }] } }] },
  }),
  "GET /api/v1/namespaces/customer-1/pods": () => ({ body: { items: [{ ...meta("coredns-1"), ...READY }] } }),
};

async function examine(env: Record<string, string | undefined> = {}) {
  const kubeconfig = join(dir, "kubeconfig");
  writeFileSync(kubeconfig, api.config.exportConfig());
  const terminal = fakeTerminal({ ...edge.env, KUBECONFIG: kubeconfig, ...SETTINGS, ...env });
  const code = await runCommandLine(["doctor", "--json"], terminal);
  const findings: Finding[] = JSON.parse(terminal.out.join("\n"));
  const of = (check: string) => findings.find((found) => found.check === check);
  return { code, findings, of, terminal };
}

describe("doctor", () => {
  it("finds nothing that fails where all is well, and changes nothing", async () => {
    const { code, findings, of } = await examine();
    expect(findings.filter(({ status }) => status === "fail")).toEqual([]);
    expect(code).toBe(0);
    for (const check of [
      "edge",
      "clock",
      "operator key",
      "service neon",
      "agents of hel1",
      "boxes of hel1",
      "cluster",
      "rights",
    ]) {
      expect(of(check)?.status, check).toBe("ok");
    }
    for (const check of ["rights that it must not have", "admission policies", "storage class", "resolver"]) {
      expect(of(check)?.status, check).toBe("ok");
    }
    expect(of("policy: no older fence")?.status).toBe("ok");
    expect(of("gateway image on nodes")?.status).toBe("ok");
    expect(of("network policies")?.status).toBe("warn");
    expect(of("agent key")?.status).toBe("skipped");
    const writes = api.requests.filter(({ path, method }) => method !== "GET" && !path.includes("review"));
    expect(writes.length).toBe(2);
    for (const { query } of writes) expect(query.get("dryRun")).toBe("All");
  });

  it("tries as the agent what the agent must not do", async () => {
    await examine();
    const probe = api.requests.find(({ method, path }) => method === "POST" && path === "/api/v1/namespaces");
    expect(probe?.headers["impersonate-user"]).toBe(AGENT_USER);
    answers["POST /apis/authentication.k8s.io/v1/selfsubjectreviews"] = () => ({
      body: { status: { userInfo: { username: AGENT_USER } } },
    });
    api.requests.length = 0;
    expect((await examine()).code).toBe(0);
    expect(api.requests.some(({ headers }) => headers["impersonate-user"])).toBe(false);
    expect(api.requests.some(({ path }) => path.endsWith("/selfsubjectaccessreviews"))).toBe(true);
  });

  it.each<[string, () => void, RegExp]>([
    ["rights", () => deniedRights.push("patch pods"), /lacks: patch pods$/],
    [
      "rights that it must not have",
      () => heldRights.push("create pods/exec", "get secrets"),
      /get secrets, .*create pods\/exec/,
    ],
    [
      "admission policies",
      () => missing(`${ADMISSION}/validatingadmissionpolicybindings/fleet-egress`),
      /fleet-egress$/,
    ],
    ["policy: only namespaces of boxes", () => passes("POST /api/v1/namespaces"), /could make any namespace/],
    ["policy: no older fence", () => passes("PATCH /api/v1/namespaces/customer-1"), /could still write/],
    ["storage class", () => lists("/apis/storage.k8s.io/v1/storageclasses"), /no class is the default/],
    ["resolver", () => lists("/api/v1/namespaces/customer-1/pods"), /no pod has the labels/],
    ["cluster", () => old(), /1\.27/],
  ])("fails for %s", async (check, break_, words) => {
    break_();
    const { code, of, terminal } = await examine();
    expect(code).toBe(1);
    expect(of(check)).toMatchObject({ status: "fail", detail: expect.stringMatching(words) });
    expect(terminal.err.join()).toMatch(/\d+ of \d+ checks failed/);
  });

  const missing = (path: string) => {
    answers[`GET ${path}`] = () => ({ status: 404, message: "not there" });
  };
  const passes = (route: string) => {
    answers[route] = () => ({ body: {} });
  };
  const lists = (path: string) => {
    answers[`GET ${path}`] = () => ({ body: { items: [] } });
  };
  const old = () => {
    answers["GET /version"] = () => ({ body: { gitVersion: "v1.27.3", major: "1", minor: "27+" } });
  };

  it("says what it could not look at, and why", async () => {
    const forbidden = () => ({ status: 403, message: "forbidden: may not" });
    answers["POST /apis/authorization.k8s.io/v1/subjectaccessreviews"] = forbidden;
    answers["GET /apis/storage.k8s.io/v1/storageclasses"] = forbidden;
    answers["GET /api/v1/nodes"] = forbidden;
    answers["GET /api/v1/namespaces"] = () => ({ body: { items: [] } });
    const { of } = await examine();
    for (const check of ["rights", "storage class", "gateway image on nodes", "policy: no older fence"]) {
      expect(of(check), check).toMatchObject({ status: "skipped" });
      expect(of(check)?.todo).toBeTruthy();
    }
    const { of: outside } = await examine({ KUBECONFIG: undefined });
    expect(outside("cluster")).toMatchObject({ status: "skipped", detail: expect.stringContaining("KUBECONFIG") });
  });

  it("tells an edge that is none, a key that is unknown and a service that is down", async () => {
    edge.routes["GET /internal/key"] = () => problem(401, "unauthorized", "Send an operator's key");
    expect((await examine()).of("operator key")?.status).toBe("fail");
    edge.routes["GET /internal/key"] = () => ({ body: { name: "ops", scopes: ["boxes:read"] } });
    edge.routes["GET /healthz"] = () => ({
      status: 503,
      body: { version: "9.9.9", services: { redis: { ok: false } } },
    });
    expect((await examine()).of("edge")?.status).toBe("fail");
    edge.routes["GET /healthz"] = ({ query }) => ({
      status: query.has("deep") ? 503 : 200,
      body: { version: "9.9.9", services: { redis: { ok: false } } },
    });
    const { of } = await examine();
    expect(of("service redis")?.status).toBe("fail");
    expect(of("operator key")).toMatchObject({ status: "warn", detail: expect.stringContaining("tokens:write") });
    expect(of("edge version")?.status).toBe("warn");
    expect((await examine({ EDGE_URL: "http://127.0.0.1:1" })).of("edge")?.status).toBe("fail");
  });

  it("fails for each box that is unwell, with its code", async () => {
    const box = sampleAnsweredBox({ health: "unhealthy", health_code: "not_ready", status_reason: "in words" });
    edge.routes["GET /internal/boxes"] = ({ query }) => ({
      body: { boxes: query.get("health") === "unhealthy" ? [box] : [], next_cursor: null },
    });
    const { code, of } = await examine();
    expect(code).toBe(1);
    expect(of("boxes of hel1")).toMatchObject({
      status: "fail",
      detail: expect.stringMatching(/^@ada_bot .* is unhealthy \(not_ready\).*: in words$/),
      todo: expect.stringContaining("unhealthy-box"),
    });
  });

  it("tells agents that are gone", async () => {
    edge.routes["GET /internal/fleet"] = () => ({ body: { clusters: [sampleCluster(Date.now(), { agents: [] })] } });
    expect((await examine()).of("agents of hel1")).toMatchObject({
      status: "fail",
      todo: expect.stringContaining("agent-down"),
    });
  });
});

it("knows whether the edge takes the agent's key, from its pod, without an operator's", async () => {
  const fleet = await startFakeEdge();
  const pod = { EDGE_URL: fleet.url, CLUSTER_ID: "c1", AGENT_KEY_FILE: join(dir, "key.json") };
  writeFileSync(pod.AGENT_KEY_FILE, JSON.stringify(fleet.key));
  const ask = async (env: Record<string, string>) => {
    const terminal = fakeTerminal(env);
    await runCommandLine(["doctor", "--json"], terminal);
    const findings: Finding[] = JSON.parse(terminal.out.join("\n"));
    return findings.find(({ check }) => check === "agent key");
  };
  fleet.answer = ({ path }) => (path === "/fleet/mailbox" ? { status: 400 } : undefined);
  const taken = await ask(pod);
  const refused = await ask({ ...pod, CLUSTER_ID: "other" });
  await fleet.close();
  expect(taken?.status).toBe("ok");
  expect(refused?.status).toBe("fail");
});

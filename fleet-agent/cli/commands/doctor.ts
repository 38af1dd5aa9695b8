import { readFileSync } from "node:fs";
import type { Command } from "commander";
import * as z from "zod";
import { podAccess } from "../../config/config.ts";
import { type Finding, fail, skipped } from "../doctor/finding.ts";
import { examineAgentKey, examineCluster, examineEdge } from "../doctor/run-doctor.ts";
import { localProduct } from "../operator/operator-settings.ts";
import { withCluster } from "./cluster.ts";
import { findClusterSettings } from "./cluster-settings.ts";
import { CommandError, EXIT } from "./exit-codes.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "./operator.ts";
import { printable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const NOTE = `
Looks at the edge (EDGE_URL, OPERATOR_KEY), at the agent's own key where AGENT_KEY is set, and at the cluster where KUBECONFIG
is set or this runs in a pod. Nothing is changed: what must be refused is tried as a dry run. Exit code 1 if a check fails.

In the agent's pod: kubectl exec -n fleet-system deploy/fleet-agent -- node /opt/fleet-agent/main.js doctor`;

export function addDoctorCommand(program: Command, terminal: Terminal): void {
  program
    .command("doctor")
    .description("Check everything that operators and agents depend on, and say what to do")
    .addOption(jsonOption())
    .addHelpText("after", NOTE)
    .action(async (options: JsonOptions) => {
      const [edge, agentKey, cluster] = await Promise.all([
        examineOperator(terminal),
        examineAgentKey(terminal.env),
        examineKubernetes(terminal),
      ]);
      const findings = [...edge, ...agentKey, ...cluster];
      answer(terminal, options, findings, () => findings.map(findingText).join("\n"));
      const failed = findings.filter(({ status }) => status === "fail").length;
      if (failed > 0) throw new CommandError(EXIT.failed, `${failed} of ${findings.length} checks failed.`);
    });
}

async function examineOperator(terminal: Terminal): Promise<readonly Finding[]> {
  const { env } = terminal;
  // The agent's pod has an edge, and no operator's key.
  if (env.AGENT_KEY_FILE && !env.OPERATOR_KEY && !env.OPERATOR_KEY_FILE) {
    return [skipped("operator key", "not set here, as in an agent's pod: what takes one is not checked")];
  }
  try {
    return await examineEdge(openOperator(terminal), ownVersion());
  } catch (error) {
    return [fail("settings", error instanceof Error ? error.message : String(error))];
  }
}

/** Undefined where the program was put together without its package.json. */
function ownVersion(): string | undefined {
  try {
    const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
    return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
  } catch {
    return undefined;
  }
}

async function examineKubernetes(terminal: Terminal): Promise<readonly Finding[]> {
  const { env } = terminal;
  const local = localProduct(env);
  if (!env.KUBECONFIG && !podAccess(env) && !local?.kubeconfig) {
    return [skipped("cluster", "KUBECONFIG is not set, and this is no pod: nothing in Kubernetes is checked")];
  }
  const edgeUrl = env.EDGE_URL ?? local?.edgeUrl;
  try {
    return await withCluster(terminal, (client) =>
      examineCluster(client, edgeUrl, () => findClusterSettings(terminal, client)),
    );
  } catch (error) {
    return [fail("cluster", error instanceof Error ? error.message : String(error))];
  }
}

const MARKS = { ok: "ok  ", warn: "WARN", fail: "FAIL", skipped: "skip" } as const;

/** `FAIL  clock  40 s from the edge's` and what to do on a line of its own. */
function findingText({ status, check, detail, todo }: Finding): string {
  const line = `${MARKS[status]}  ${check}: ${detail}`;
  return printable(todo && status !== "ok" ? `${line}\n      → ${todo}` : line);
}

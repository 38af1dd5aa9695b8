import type { Command } from "commander";
import { readConfig } from "../../config/config.ts";
import type { Terminal } from "./terminal.ts";

const ENVIRONMENT = `
Environment:
  EDGE_URL            the edge's base URL, https://…  (needed)
  CLUSTER_ID          this cluster's id, as in the table clusters  (needed)
  AGENT_KEY           the agent's Ed25519 private key, a JWK with kid; or AGENT_KEY_FILE  (needed)
  DRIVER              kube or local; default kube where KUBECONFIG is set or in a pod, else local
  CAPACITY            jobs at once (4)
  DRAIN_SECONDS       how long jobs may go on after SIGTERM (kube 50, local 3)
  AGENT_INSTANCE      names a place where one agent lives at a time, such as its pod's uid: one that comes back there
                      after a crash gets its jobs again at once (kube: none, local: the folder)
  METRICS_PORT        serves /metrics, /healthz and /readyz on this port (none)
  LOG_LEVEL           trace, debug, info, warn, error (info)
 kube:
  GATEWAY_IMAGE       the gateway image, best by digest: name@sha256:…  (needed)
  EDGE_CIDRS          where pods reach the edge: [{"cidr":"203.0.113.0/24","except":[],"port":443}]  (needed)
  TELEGRAM_CIDRS      the same for the Bot API (Telegram's published ranges)
  DNS_SELECTOR        the resolver's labels: {"namespace":{…},"pod":{…}} (kube-system, k8s-app=kube-dns)
  NAMESERVERS         resolvers for boxes instead of the cluster's own: addresses with commas between; DNS_SELECTOR
                      must select their pods (none)
  EGRESS_GATE         on: a box starts nothing before its network policy is really in force. off: only where the cluster
                      can't enforce policies, and boxes are nobody else's (on)
  RUNTIME_CLASS       a sandbox for boxes, such as gVisor's RuntimeClass (none)
  IMAGE_PULL_POLICY   IfNotPresent, Always or Never (IfNotPresent)
  STORAGE_CLASS       of the agents' memory (the cluster's default)
  LEADER_LEASE        namespace/name of a Lease: of the agents that share it only the holder works, the others stand by.
                      Needs AGENT_INSTANCE. (none: this agent always works)
 local:
  STATE_ROOT          folder of the boxes (.local/boxes)`;

export function addRunCommand(program: Command, terminal: Terminal): void {
  program
    .command("run")
    .description("Connect to the edge and run its jobs until SIGTERM. A second SIGTERM ends it at once.")
    .addHelpText("after", ENVIRONMENT)
    .action(async () => {
      const config = readConfig(terminal.env);
      // An operator's command needs none of this, and should answer at once.
      const [{ createLog }, { runProgram }] = await Promise.all([
        import("../../log.ts"),
        import("../../agent/run-program.ts"),
      ]);
      await runProgram({ config, log: createLog(config.logLevel), drain: terminal.interrupt });
    });
}

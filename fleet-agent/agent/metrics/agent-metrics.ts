import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { PoolFigures } from "#schema/contracts/pool.ts";
import type { BoxHealth, Driver } from "../../drivers/driver.ts";
import type { KubeObserver } from "../../drivers/kube/kube-client.ts";
import type { JobObserver } from "../jobs/runner.ts";
import { poolMetrics } from "./pool-metrics.ts";

/** A warm adoption takes two seconds, a cold start ten, a stuck image six minutes. */
const JOB_SECONDS = [0.25, 0.5, 1, 2, 3, 5, 8, 13, 21, 34, 60, 120, 240, 360];
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const HEALTHS: readonly BoxHealth["health"][] = ["healthy", "unhealthy", "unknown"];

/**
 * The metrics of `/metrics`. Labels have few values each, and no id of a box, a customer or a job, so that the number of
 * series does not grow with customers. Parts with metrics of their own register them in `registry`.
 */
export interface AgentMetrics {
  registry: Registry;
  jobs: JobObserver;
  kube: KubeObserver;
  /** 1 for the process that works, 0 for one that stands by. */
  leader(leads: boolean): void;
  mailbox(transport: () => string | undefined): void;
  /** The cluster's warm pool, as the edge reports it. */
  pool(figures: readonly PoolFigures[]): void;
  /** The same driver, with its observations counted by health. */
  watchBoxes(driver: Driver): Driver;
}

export function createMetrics(): AgentMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const leader = new Gauge({
    name: "fleet_agent_leader",
    help: "1 where this process works for its cluster, 0 where it stands by.",
    registers: [registry],
  });
  return {
    registry,
    jobs: jobMetrics(registry),
    kube: kubeMetrics(registry),
    leader: (leads) => leader.set(leads ? 1 : 0),
    mailbox: mailboxMetric(registry),
    pool: poolMetrics(registry),
    watchBoxes: boxMetrics(registry),
  };
}

function jobMetrics(registry: Registry): JobObserver {
  const registers = [registry];
  const running = new Gauge({ name: "fleet_agent_jobs_running", help: "Jobs held now.", registers });
  const ended = new Counter({
    name: "fleet_agent_jobs_total",
    help: "Finished jobs by type and outcome (succeeded, failed, lost: another agent holds it now).",
    labelNames: ["type", "outcome"],
    registers,
  });
  const duration = new Histogram({
    name: "fleet_agent_job_duration_seconds",
    help: "Time from a job's grant to its completion.",
    labelNames: ["type", "outcome"],
    buckets: JOB_SECONDS,
    registers,
  });
  return {
    started: () => running.inc(),
    ended: (type, outcome, seconds) => {
      running.dec();
      ended.inc({ type, outcome });
      duration.observe({ type, outcome }, seconds);
    },
  };
}

function kubeMetrics(registry: Registry): KubeObserver {
  const registers = [registry];
  const requests = new Counter({
    name: "fleet_agent_kube_requests_total",
    help: "Requests to the API server; code is its status, error where no answer came, aborted where nobody waited for it any more.",
    labelNames: ["verb", "resource", "code"],
    registers,
  });
  const duration = new Histogram({
    name: "fleet_agent_kube_request_duration_seconds",
    help: "Time from a request to its response headers.",
    labelNames: ["verb", "resource"],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const restarts = new Counter({
    name: "fleet_agent_watch_restarts_total",
    help: "Restarted watches by reason: ended (the server's timeout), gone (its history expired), failed.",
    labelNames: ["resource", "reason"],
    registers,
  });
  return {
    requests: ({ verb, resource, code, seconds }) => {
      requests.inc({ verb, resource, code });
      duration.observe({ verb, resource }, seconds);
    },
    watchRestarted: (resource, reason) => restarts.inc({ resource, reason }),
  };
}

function mailboxMetric(registry: Registry): AgentMetrics["mailbox"] {
  let current: () => string | undefined = () => undefined;
  new Gauge({
    name: "fleet_agent_mailbox_connected",
    help: "1 where the edge can hand this agent jobs by this transport.",
    labelNames: ["transport"],
    registers: [registry],
    collect() {
      for (const transport of ["socket", "poll"]) this.set({ transport }, current() === transport ? 1 : 0);
    },
  });
  return (transport) => {
    current = transport;
  };
}

function boxMetrics(registry: Registry): AgentMetrics["watchBoxes"] {
  const boxes = new Gauge({
    name: "fleet_agent_boxes",
    help: "Boxes of this cluster by health, as last reported; none from a standby.",
    labelNames: ["health"],
    registers: [registry],
  });
  const count = (seen: readonly BoxHealth[]) => {
    for (const health of HEALTHS) boxes.set({ health }, seen.filter((box) => box.health === health).length);
  };
  return (driver) => ({
    ...driver,
    observe: async () => {
      const seen = await driver.observe();
      count(seen);
      return seen;
    },
    stop: async () => {
      boxes.reset();
      await driver.stop();
    },
  });
}

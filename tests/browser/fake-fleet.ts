import { type Box, type Job, type ProvisionRequest, peopleIn, type UpdateRequest } from "#schema/contracts/internal.ts";
import { namespaceOf, newId } from "#schema/domain/ids.ts";
import { type JobType, STATUS_WHEN, STATUS_WHILE } from "#schema/domain/states.ts";

const STEPS = [
  ["namespace", "Created the namespace with its quota and network policy"],
  ["secret", "Stored the configuration"],
  ["deployment", "Started the gateway"],
  ["ready", "The gateway is ready and the Telegram channel runs"],
] as const;

const DESIRED: Partial<Record<JobType, Box["desired_status"]>> = { suspend: "suspended", destroy: "destroyed" };
const now = (): string => new Date().toISOString();

/** Boxes and jobs in memory. A job takes one step each time somebody looks at it, so that no test has to wait. */
export class FakeFleet {
  readonly boxes = new Map<string, Box>();
  readonly jobs = new Map<string, Job>();
  /** When set, the next job to reach its third step dies with this message. */
  failNextJob: string | undefined;

  provision(request: ProvisionRequest): { box: Box; job: Job } {
    const id = newId();
    const box: Box = {
      id,
      customer_id: newId(),
      customer_email: request.customer_email,
      cluster_id: "local",
      namespace: namespaceOf(id),
      tier: request.tier,
      status: "pending",
      desired_status: "active",
      status_reason: null,
      health: "unknown",
      health_code: null,
      unhealthy_since: null,
      change_undone_at: null,
      generation: 0,
      observed_generation: 0,
      model: request.model,
      thinking_level: request.thinking_level,
      language: request.language,
      telegram_bot_username: `bot_${request.telegram_bot_token.split(":")[0]}_bot`,
      telegram_chat_url: `https://t.me/bot_${request.telegram_bot_token.split(":")[0]}_bot`,
      telegram_user_ids: peopleIn(request).map(({ id: person }) => person),
      telegram_users: peopleIn(request),
      token_last4: null,
      created_at: now(),
      last_seen_at: null,
      destroyed_at: null,
    };
    this.boxes.set(id, box);
    return this.change(box, "provision");
  }

  change(box: Box, type: JobType): { box: Box; job: Job } {
    box.desired_status = DESIRED[type] ?? "active";
    box.status = STATUS_WHILE[type];
    box.generation += 1;
    const job: Job = {
      id: newId(),
      box_id: box.id,
      cluster_id: box.cluster_id,
      type,
      status: "queued",
      generation: box.generation,
      attempt: 0,
      steps: [],
      error_code: null,
      error_message: null,
      requested_by: "ops",
      created_at: now(),
      started_at: null,
      finished_at: null,
    };
    this.jobs.set(job.id, job);
    return { box: structuredClone(box), job: structuredClone(job) };
  }

  /** Who may talk to it, and its bot. */
  update(box: Box, { telegram_users: people, telegram_bot_token: token }: UpdateRequest): { box: Box; job: Job } {
    if (people) Object.assign(box, { telegram_users: people, telegram_user_ids: people.map(({ id }) => id) });
    if (token) box.telegram_bot_username = `bot_${token.split(":")[0]}_bot`;
    return this.change(box, "update");
  }

  /** One step further; the last one brings the box to what is desired. */
  advance(job: Job): void {
    if (job.finished_at) return;
    const box = this.boxes.get(job.box_id);
    const step = STEPS[job.steps.length];
    if (!box) return;
    Object.assign(job, { status: "running", attempt: Math.max(1, job.attempt), started_at: job.started_at ?? now() });
    if (this.failNextJob && job.steps.length === 2) this.fail(job, box, this.failNextJob);
    else if (step) job.steps.push({ step: step[0], message: step[1], at: now() });
    else this.finish(job, box);
  }

  private fail(job: Job, box: Box, message: string): void {
    this.failNextJob = undefined;
    Object.assign(job, { status: "dead", error_code: "image", error_message: message, finished_at: now() });
    Object.assign(box, { status: "failed", status_reason: message });
  }

  private finish(job: Job, box: Box): void {
    Object.assign(job, { status: "succeeded", finished_at: now() });
    Object.assign(box, {
      status: STATUS_WHEN[box.desired_status],
      health: box.desired_status === "active" ? "healthy" : "unknown",
      observed_generation: box.generation,
      token_last4: "x7Qa",
      last_seen_at: now(),
      destroyed_at: box.desired_status === "destroyed" ? now() : null,
    });
  }
}

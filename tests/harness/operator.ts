import { Backup, BackupAccepted, type RestoreRequest } from "#schema/contracts/backups.ts";
import { Accepted, Box, BoxList, Job, JobList, type UpdateRequest } from "#schema/contracts/internal.ts";
import { Problem } from "#schema/contracts/problem.ts";
import { RotatedToken } from "#schema/contracts/tokens.ts";
import type { TierId } from "#schema/domain/tiers.ts";
import { until } from "./until.ts";

const FINAL = new Set(["succeeded", "dead", "cancelled", "superseded"]);

/** An operator with a key, as curl would be. Answers are checked against the contracts. */
export class Operator {
  readonly #url: string;
  readonly #key: string | undefined;

  constructor(url: string, key?: string) {
    this.#url = url;
    this.#key = key;
  }

  /** The raw answer, for what is meant to fail. */
  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(this.#key && { authorization: `Bearer ${this.#key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  }

  async problem(method: string, path: string, body?: unknown): Promise<Problem> {
    const response = await this.send(method, path, body);
    if (!response.headers.get("content-type")?.startsWith("application/problem+json")) {
      throw new Error(`${method} ${path}: ${response.status} is no problem+json: ${await response.text()}`);
    }
    const problem = Problem.parse(await response.json());
    if (problem.status !== response.status) throw new Error("the problem's status is not the answer's");
    return problem;
  }

  async provision(input: Record<string, unknown>): Promise<Accepted> {
    return Accepted.parse(await this.#ok("POST", "/internal/provision", input));
  }

  async change(verb: "suspend" | "reactivate" | "destroy" | "restart", boxId: string): Promise<Accepted> {
    return Accepted.parse(await this.#ok("POST", `/internal/${verb}/${boxId}`));
  }

  async update(boxId: string, change: UpdateRequest): Promise<Accepted> {
    return Accepted.parse(await this.#ok("POST", `/internal/update/${boxId}`, change));
  }

  async resize(boxId: string, tier: TierId): Promise<Accepted> {
    return Accepted.parse(await this.#ok("POST", `/internal/resize/${boxId}`, { tier }));
  }

  async rotate(tokenId: string, overlapSeconds: number): Promise<RotatedToken> {
    const body = { overlap_seconds: overlapSeconds };
    return RotatedToken.parse(await this.#ok("POST", `/internal/tokens/${tokenId}/rotate`, body));
  }

  async backUp(boxId: string): Promise<BackupAccepted> {
    return BackupAccepted.parse(await this.#ok("POST", `/internal/backup/${boxId}`));
  }

  async backup(id: string): Promise<Backup> {
    return Backup.parse(await this.#ok("GET", `/internal/backups/${id}`));
  }

  async restore(backupId: string, into: RestoreRequest): Promise<Accepted> {
    return Accepted.parse(await this.#ok("POST", `/internal/backups/${backupId}/restore`, into));
  }

  async box(id: string): Promise<Box> {
    return Box.parse(await this.#ok("GET", `/internal/boxes/${id}`));
  }

  async job(id: string): Promise<Job> {
    return Job.parse(await this.#ok("GET", `/internal/jobs/${id}`));
  }

  async boxes(query = ""): Promise<Box[]> {
    return BoxList.parse(await this.#ok("GET", `/internal/boxes${query}`)).boxes;
  }

  async jobs(query = ""): Promise<Job[]> {
    return JobList.parse(await this.#ok("GET", `/internal/jobs${query}`)).jobs;
  }

  /** The job once it has ended; it throws with the job's own words unless it ended well. */
  async succeeded(jobId: string, timeoutMs = 120_000): Promise<Job> {
    const job = await until(
      `the end of job ${jobId}`,
      async () => {
        const now = await this.job(jobId);
        return FINAL.has(now.status) && now;
      },
      timeoutMs,
    );
    if (job.status !== "succeeded")
      throw new Error(`${job.type} ended ${job.status}: ${job.error_code} ${job.error_message}`);
    return job;
  }

  async #ok(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}

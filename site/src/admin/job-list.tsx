import { useInfiniteQuery } from "@tanstack/react-query";
import type { Job } from "#schema/contracts/internal.ts";
import { Badge } from "../ui/badge.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { ShowMore } from "../ui/show-more.tsx";
import { ageWords, dateWords } from "../ui/time-words.ts";
import { useEdge } from "./edge-calls.ts";
import { JobVerbs } from "./job-verbs.tsx";
import { isFinal, JOB_NAMES, JOB_TONES } from "./job-words.ts";
import { boxAddress } from "./open-box.ts";

const BUSY_MS = 1_000;
const QUIET_MS = 5_000;

/** The newest jobs, of one box or of all. */
export function JobList({ boxId }: { boxId?: string }) {
  const edge = useEdge();
  const jobs = useInfiniteQuery({
    queryKey: ["jobs", boxId ?? "all"],
    queryFn: ({ pageParam, signal }) => edge.jobs(boxId, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => {
      const busy = state.data?.pages.some((page) => page.jobs.some((job) => !isFinal(job.status)));
      return busy ? BUSY_MS : QUIET_MS;
    },
  });
  const rows = jobs.data?.pages.flatMap((page) => page.jobs);
  return (
    <div className="grid gap-3">
      <ProblemNote error={jobs.error} />
      {rows?.length === 0 && <p className="text-muted">No job yet.</p>}
      <ul className="grid gap-2">
        {rows?.map((job) => (
          <JobRow key={job.id} job={job} linked={!boxId} />
        ))}
      </ul>
      <ShowMore list={jobs} />
    </div>
  );
}

function JobRow({ job, linked }: { job: Job; linked: boolean }) {
  return (
    <li className="rounded-2xl rounded-bl-md border border-line bg-surface px-4 py-2.5 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-semibold">{JOB_NAMES[job.type]}</span>
        <Badge tone={JOB_TONES[job.status]}>{job.status}</Badge>
        {job.attempt > 1 && <span className="text-muted">attempt {job.attempt}</span>}
        {linked && (
          <a className="link" href={boxAddress(job.box_id)}>
            box {job.box_id.slice(0, 8)}
          </a>
        )}
        <span className="ml-auto flex items-center gap-2 text-muted">
          <span>by {job.requested_by}</span>
          <time dateTime={job.created_at} title={dateWords(job.created_at)}>
            {ageWords(job.created_at)} ago
          </time>
          <JobVerbs job={job} />
        </span>
      </div>
      {job.error_message && <p className="mt-1 text-bad">{job.error_message}</p>}
    </li>
  );
}

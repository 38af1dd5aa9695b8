import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import type { Job } from "#schema/contracts/internal.ts";
import { Badge } from "../ui/badge.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { clockWords, sinceWords } from "../ui/time-words.ts";
import { useEdge } from "./edge-calls.ts";
import { JobVerbs } from "./job-verbs.tsx";
import { isFinal, JOB_NAMES, JOB_TONES, jobSentence } from "./job-words.ts";
import { ReasonNote } from "./reason-note.tsx";

const POLL_MS = 1_000;

/** The job's progress, polled each second until it is final. */
function useLiveJob(job: Job) {
  const edge = useEdge();
  const queries = useQueryClient();
  const live = useQuery({
    queryKey: ["job", job.id],
    queryFn: ({ signal }) => edge.job(job.id, signal),
    initialData: job,
    initialDataUpdatedAt: 0,
    refetchInterval: ({ state }) => (state.data && isFinal(state.data.status) ? false : POLL_MS),
  });
  const { status } = live.data;
  useEffect(() => {
    if (!isFinal(status)) return;
    for (const name of ["boxes", "box", "jobs"]) void queries.invalidateQueries({ queryKey: [name] });
  }, [status, queries]);
  return live;
}

/** `next`: shown when the job has succeeded. */
export function JobProgress({ job: first, next }: { job: Job; next?: ReactNode }) {
  const { data: job, error } = useLiveJob(first);
  return (
    <section aria-label={`Job: ${JOB_NAMES[job.type]}`} className="grid gap-3">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="text-lg font-bold">{JOB_NAMES[job.type]}</h3>
        <Badge tone={JOB_TONES[job.status]}>{job.status}</Badge>
        <span className="ml-auto flex gap-2">
          <JobVerbs job={job} />
        </span>
      </header>
      <p role="status" className="text-muted">
        {jobSentence(job)}
        {job.finished_at && ` Took ${sinceWords(job.created_at, job.finished_at).slice(1)}.`}
      </p>
      <JobSteps job={job} />
      {job.error_message && (
        <p role="alert" className="rounded-xl bg-bad-soft px-4 py-3 text-sm font-semibold text-bad">
          {job.error_message}
          <ReasonNote code={job.error_code} />
        </p>
      )}
      <ProblemNote error={error} />
      {job.status === "succeeded" && next}
    </section>
  );
}

function JobSteps({ job }: { job: Job }) {
  return (
    <ol className="grid gap-2">
      {job.steps.map((step) => (
        <li
          key={`${step.step} ${step.at}`}
          className="says flex! w-full! items-baseline gap-3 bg-sunk! py-2! text-sm shadow-none!"
        >
          <span className="flex-1">{step.message}</span>
          <time className="stamp whitespace-nowrap" dateTime={step.at} title={clockWords(step.at)}>
            {sinceWords(job.created_at, step.at)}
          </time>
        </li>
      ))}
      {!isFinal(job.status) && (
        <li className="says typing bg-sunk! shadow-none!" aria-hidden="true">
          <i />
          <i />
          <i />
        </li>
      )}
    </ol>
  );
}

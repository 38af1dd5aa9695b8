import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Job } from "#schema/contracts/internal.ts";
import { useEdge } from "./edge-calls.ts";
import { JOB_NAMES, jobVerbs } from "./job-words.ts";

/** Retry a dead job, cancel an open one. */
export function JobVerbs({ job }: { job: Job }) {
  const edge = useEdge();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (verb: "retry" | "cancel") => edge.changeJob(verb, job.id),
    onSettled: () =>
      Promise.all(["job", "jobs", "box", "boxes"].map((name) => queries.invalidateQueries({ queryKey: [name] }))),
  });
  return (
    <>
      {jobVerbs(job.status).map((verb) => (
        <button
          key={verb}
          type="button"
          className="rounded-lg px-2 py-1 text-sm font-semibold text-accent hover:bg-sunk"
          aria-label={`${verb} the job ${JOB_NAMES[job.type]}`}
          disabled={change.isPending}
          onClick={() => change.mutate(verb)}
        >
          {verb === "retry" ? "Retry" : "Cancel"}
        </button>
      ))}
      {change.error && (
        <span role="alert" className="text-sm text-bad">
          {change.error.message}
        </span>
      )}
    </>
  );
}

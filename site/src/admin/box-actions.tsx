import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Box } from "#schema/contracts/internal.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { type BoxVerb, VERB_WORDS, verbsFor } from "./box-verbs.ts";
import { DestroyConfirmation } from "./destroy-confirmation.tsx";
import { useEdge } from "./edge-calls.ts";
import { JobProgress } from "./job-progress.tsx";

/** The actions possible now, and the job that the last one started. */
export function BoxActions({ box }: { box: Box }) {
  const edge = useEdge();
  const queries = useQueryClient();
  const [destroying, setDestroying] = useState(false);
  const change = useMutation({
    mutationFn: (verb: BoxVerb) => edge.change(verb, box.id),
    onSuccess: ({ box: changed }) => {
      setDestroying(false);
      queries.setQueryData(["box", box.id], changed);
      return Promise.all(["boxes", "jobs"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
    },
  });
  const verbs = verbsFor(box);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap gap-2">
        {verbs.map((verb) => (
          <button
            key={verb}
            type="button"
            className={`button quiet ${verb === "destroy" ? "text-bad!" : ""}`}
            disabled={change.isPending}
            onClick={() => (verb === "destroy" ? setDestroying(true) : change.mutate(verb))}
          >
            {VERB_WORDS[verb]}
          </button>
        ))}
      </div>
      {destroying && verbs.includes("destroy") && (
        <DestroyConfirmation
          bot={box.telegram_bot_username}
          pending={change.isPending}
          onConfirm={() => change.mutate("destroy")}
          onCancel={() => setDestroying(false)}
        />
      )}
      <ProblemNote error={change.error} />
      {change.data && <JobProgress key={change.data.job.id} job={change.data.job} />}
    </div>
  );
}

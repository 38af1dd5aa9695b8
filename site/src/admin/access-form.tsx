import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import type { Box, UpdateRequest } from "#schema/contracts/internal.ts";
import { peopleWords } from "#schema/domain/people.ts";
import { LinesField, SecretField } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { type AccessDraft, draftOf, readAccess } from "./access-draft.ts";
import { useEdge } from "./edge-calls.ts";
import { JobProgress } from "./job-progress.tsx";

/** Who may talk to a box, and its bot. Whoever would lose access is named before anything is sent. */
export function AccessForm({ box }: { box: Box }) {
  const edge = useEdge();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(box));
  const [errors, setErrors] = useState<Partial<AccessDraft>>({});
  const update = useMutation({
    mutationFn: (request: UpdateRequest) => edge.update(box.id, request),
    onSuccess: ({ box: changed }) => {
      setDraft(draftOf(changed));
      queries.setQueryData(["box", box.id], changed);
      return Promise.all(["boxes", "jobs"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
    },
  });
  const result = readAccess(box, draft);
  const isSame = result.ok && Object.keys(result.request).length === 0;
  const bind = (name: keyof AccessDraft) => ({
    name,
    value: draft[name],
    error: errors[name],
    onChange: (value: string) => {
      setDraft({ ...draft, [name]: value });
      setErrors({ ...errors, [name]: undefined });
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (update.isPending || isSame) return;
    setErrors(result.ok ? {} : result.errors);
    if (result.ok) update.mutate(result.request);
  };
  return (
    <form method="post" noValidate onSubmit={submit} className="grid gap-4" aria-label="Bot and people">
      <LinesField
        {...bind("telegram_users")}
        label="May talk to it"
        hint="One a line: an id, and a name if you like."
      />
      <SecretField {...bind("telegram_bot_token")} label="New bot token" hint="Leave it empty to keep the bot." />
      {result.ok && result.removed.length > 0 && (
        <p role="status" className="rounded-xl bg-warn-soft px-4 py-3 text-sm text-warn">
          Will lose access: {peopleWords(result.removed)}
        </p>
      )}
      <ProblemNote error={update.error} />
      <button type="submit" className="button quiet justify-self-start" disabled={update.isPending || isSame}>
        Save bot and people
      </button>
      {update.data && <JobProgress key={update.data.job.id} job={update.data.job} />}
    </form>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useRef, useState } from "react";
import type { Accepted } from "#schema/contracts/internal.ts";
import { EdgeError } from "../edge/edge-error.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { useEdge } from "./edge-calls.ts";
import { EMPTY_DRAFT, type Field, type FieldErrors, placeErrors, readDraft } from "./provision-draft.ts";
import { ProvisionFields } from "./provision-fields.tsx";

// Fields are checked when the form is sent, not when they are left: a message that appears under a field while the
// pointer is down on the button would move the button away, and the click would be lost.

function focusFirstInvalid(form: HTMLFormElement | null): void {
  // After React has written aria-invalid.
  requestAnimationFrame(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
}

/** Not randomUUID: that exists on https and localhost only. */
const newOnce = (): string =>
  [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");

/** Problems that belong to no field are shown above the button. */
function unplaced(error: Error | null): Error | null {
  if (!(error instanceof EdgeError) || error.fields.length === 0) return error;
  const { rest } = placeErrors(error.fields);
  return new EdgeError([error.message, ...rest].join(" "), error.status, { requestId: error.requestId });
}

export function ProvisionForm({ onAccepted }: { onAccepted(accepted: Accepted): void }) {
  const edge = useEdge();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  // One key for one filled-in form, so that a request whose answer was lost is not done twice.
  const once = useRef(newOnce());
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [errors, setErrors] = useState<FieldErrors>({});

  const provision = useMutation({
    mutationFn: edge.provision,
    onSuccess: (accepted) => {
      once.current = newOnce();
      setDraft(EMPTY_DRAFT);
      onAccepted(accepted);
      return Promise.all(["boxes", "jobs"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
    },
    onError: (error) => {
      if (!(error instanceof EdgeError)) return;
      setErrors(placeErrors(error.fields).fields);
      focusFirstInvalid(form.current);
    },
  });

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (provision.isPending) return;
    const result = readDraft(draft);
    setErrors(result.ok ? {} : result.errors);
    if (result.ok) provision.mutate({ request: result.request, once: once.current });
    else focusFirstInvalid(form.current);
  };
  const change = (field: Field, value: string) => {
    setDraft({ ...draft, [field]: value });
    setErrors({ ...errors, [field]: undefined });
    once.current = newOnce();
  };

  return (
    <form ref={form} method="post" noValidate onSubmit={submit} className="grid gap-5">
      <ProvisionFields draft={draft} errors={errors} onChange={change} />
      <ProblemNote error={unplaced(provision.error)} />
      <button type="submit" className="button justify-self-start" disabled={provision.isPending}>
        {provision.isPending ? "Asking…" : "Provision a box"}
      </button>
    </form>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { CreateTokenRequest } from "#schema/contracts/tokens.ts";
import { EdgeError } from "../edge/edge-error.ts";
import { TextField } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { useEdge } from "./edge-calls.ts";

const EMPTY = { customer_email: "", label: "" };
type Field = keyof typeof EMPTY;
type Errors = Partial<Record<Field, string>>;

const HINTS: Readonly<Record<Field, string>> = {
  customer_email: "Enter the email of a customer.",
  label: "Say what it is for, in 100 characters at most.",
};

/** A token for a customer's own programs. */
export function NewTokenForm({ onValue }: { onValue(value: string): void }) {
  const edge = useEdge();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const [errors, setErrors] = useState<Errors>({});
  const create = useMutation({
    mutationFn: edge.createToken,
    gcTime: 0,
    onSuccess: ({ value }) => {
      if (value !== null) onValue(value);
      setDraft(EMPTY);
      return queries.invalidateQueries({ queryKey: ["tokens"] });
    },
    onError: (error) => {
      if (error instanceof EdgeError && error.status === 404) setErrors({ customer_email: error.message });
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (create.isPending) return;
    const request = CreateTokenRequest.safeParse({ ...draft, customer_email: draft.customer_email.trim() });
    const wrong = request.success ? [] : request.error.issues.map((issue) => String(issue.path[0]));
    setErrors(Object.fromEntries(Object.entries(HINTS).filter(([field]) => wrong.includes(field))));
    if (request.success) create.mutate(request.data);
  };
  const field = (name: Field) => ({
    name,
    value: draft[name],
    error: errors[name],
    onChange: (value: string) => {
      setDraft({ ...draft, [name]: value });
      setErrors({ ...errors, [name]: undefined });
    },
  });
  return (
    <form method="post" noValidate onSubmit={submit} className="grid content-start gap-4" aria-label="New token">
      <TextField {...field("customer_email")} label="For the customer" type="email" placeholder="ada@example.com" />
      <TextField {...field("label")} label="What it is for" placeholder="build server" />
      {!errors.customer_email && <ProblemNote error={create.error} />}
      <button type="submit" className="button justify-self-start" disabled={create.isPending}>
        Make a token
      </button>
    </form>
  );
}

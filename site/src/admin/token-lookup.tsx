import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { LookupTokenRequest } from "#schema/contracts/tokens.ts";
import { EdgeError } from "../edge/edge-error.ts";
import { SecretField } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { useEdge } from "./edge-calls.ts";
import { TokenRow } from "./token-row.tsx";

/** Finds a leaked token's owner. The value is sent in the body of one request and removed from the field. */
export function TokenLookup({ onValue }: { onValue(value: string): void }) {
  const edge = useEdge();
  const [value, setValue] = useState("");
  const [wrong, setWrong] = useState<string>();
  const lookup = useMutation({ mutationFn: edge.lookupToken, gcTime: 0, onSuccess: () => setValue("") });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const request = LookupTokenRequest.safeParse({ token: value });
    setWrong(request.success ? undefined : "This is not a whole token: copy it from ocp_ to its last character.");
    if (request.success && !lookup.isPending) lookup.mutate(request.data);
  };
  const isUnknown = lookup.error instanceof EdgeError && lookup.error.status === 404;
  return (
    <div className="grid content-start gap-4">
      <form method="post" noValidate onSubmit={submit} className="grid gap-4" aria-label="Find a leaked token">
        <SecretField
          name="token"
          label="A token that leaked"
          placeholder="ocp_…"
          value={value}
          error={wrong}
          onChange={(next) => {
            setValue(next);
            setWrong(undefined);
          }}
        />
        <button type="submit" className="button quiet justify-self-start" disabled={lookup.isPending}>
          Whose is it?
        </button>
      </form>
      <div aria-live="polite">
        {isUnknown ? <p className="says">It is none of ours.</p> : <ProblemNote error={lookup.error} />}
        {lookup.data && (
          <ul>
            <TokenRow key={lookup.data.id} token={lookup.data} onValue={onValue} onChanged={lookup.reset} />
          </ul>
        )}
      </div>
    </div>
  );
}

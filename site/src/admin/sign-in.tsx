import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { BoxList } from "#schema/contracts/internal.ts";
import { callEdge } from "../edge/call-edge.ts";
import { EdgeError } from "../edge/edge-error.ts";
import { SecretField } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { keepKey, useNotice } from "./operator-key.ts";

/** Tries the key before it is stored. A header can't carry every character. */
async function tryKey(key: string): Promise<void> {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new EdgeError("Enter the key without blanks.", 0);
  await callEdge({ key, path: "/internal/boxes", answer: BoxList }).catch((error: unknown) => {
    if (!(error instanceof EdgeError) || error.status !== 401) throw error;
    // The edge's message is for programs: how to send a key.
    throw new EdgeError("The edge does not know this key.", 401, { requestId: error.requestId });
  });
  keepKey(key);
}

export function SignIn() {
  const [key, setKey] = useState("");
  const notice = useNotice();
  const signIn = useMutation({ mutationFn: tryKey });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate(key.trim());
  };
  return (
    <main id="content" className="mx-auto grid min-h-dvh max-w-md content-center gap-4 px-4 py-10">
      <h1 className="says question rounded-br-[0.9em]! rounded-bl-md!">Who is there?</h1>
      {/* POST, so that a key could not end up in the address even if this form were sent by the browser itself. */}
      <form method="post" onSubmit={submit} className="card grid gap-4 p-6">
        <SecretField
          name="operator_key"
          label="Operator key"
          hint="Kept in this tab until you sign out or close it."
          value={key}
          onChange={setKey}
        />
        {notice && !signIn.error && (
          <p role="alert" className="rounded-xl bg-warn-soft px-4 py-3 text-sm font-semibold text-warn">
            {notice}
          </p>
        )}
        <ProblemNote error={signIn.error} />
        <button type="submit" className="button" disabled={signIn.isPending}>
          {signIn.isPending ? "Looking…" : "Sign in"}
        </button>
      </form>
      <a href="/" className="link justify-self-start text-sm">
        Back to the site
      </a>
    </main>
  );
}

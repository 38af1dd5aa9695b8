import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Token } from "#schema/contracts/tokens.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { useEdge } from "./edge-calls.ts";
import { TOKEN_VERBS, type TokenVerb, tokenVerbs } from "./token-words.ts";

interface Props {
  token: Token;
  /** A new token's value: it outlives this row, which a filter may take away. */
  onValue(value: string): void;
  onChanged: (() => void) | undefined;
}

/** Each action needs a confirmation, because none can be undone. */
export function TokenActions({ token, onValue, onChanged }: Props) {
  const edge = useEdge();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<TokenVerb>();
  const refresh = () =>
    Promise.all(["tokens", "jobs", "box", "boxes"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
  const change = useMutation({
    mutationFn: async (verb: TokenVerb): Promise<string | null> => {
      if (verb !== "revoke") return (await edge.rotateToken(token.id, TOKEN_VERBS[verb].overlapSeconds)).value;
      await edge.revokeToken(token.id);
      return null;
    },
    gcTime: 0,
    onSuccess: (value) => {
      setAsked(undefined);
      if (value !== null) onValue(value);
      onChanged?.();
      return refresh();
    },
  });
  const verbs = tokenVerbs(token);
  return (
    <>
      <div className="flex flex-wrap gap-2">
        {asked && verbs.includes(asked) ? (
          <>
            <button type="button" className="button" disabled={change.isPending} onClick={() => change.mutate(asked)}>
              {TOKEN_VERBS[asked].sure}
            </button>
            <button type="button" className="button quiet" onClick={() => setAsked(undefined)}>
              Keep it
            </button>
          </>
        ) : (
          verbs.map((verb) => (
            <button
              key={verb}
              type="button"
              className="rounded-lg px-2 py-1 font-semibold text-accent hover:bg-sunk"
              aria-label={`${TOKEN_VERBS[verb].words} the token ${token.last4}`}
              onClick={() => setAsked(verb)}
            >
              {TOKEN_VERBS[verb].words}
            </button>
          ))
        )}
      </div>
      <ProblemNote error={change.error} />
    </>
  );
}

import { useState } from "react";
import { TOKEN_STATUSES } from "#schema/domain/states.ts";
import { ListHead } from "../ui/list-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { ShowMore } from "../ui/show-more.tsx";
import { useEdge } from "./edge-calls.ts";
import { NewTokenForm } from "./new-token-form.tsx";
import { TokenLookup } from "./token-lookup.tsx";
import { TokenRow } from "./token-row.tsx";
import { TokenValue } from "./token-value.tsx";
import { useFilteredList } from "./use-filtered-list.ts";

const REFRESH_MS = 10_000;

export function TokensSection() {
  const edge = useEdge();
  const [value, setValue] = useState<string>();
  const { list, filtered, search, choice } = useFilteredList("tokens", REFRESH_MS, edge.tokens);
  const rows = list.data?.pages.flatMap((page) => page.tokens);
  return (
    <section aria-labelledby="tokens-title" className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <ListHead
        titleId="tokens-title"
        title="Tokens"
        search={{ name: "token_email", label: "Customer", placeholder: "a whole email", ...search }}
        choices={[{ name: "token_status", label: "State", any: "any state", values: TOKEN_STATUSES, ...choice }]}
      />
      {value !== undefined && <TokenValue key={value} value={value} onDone={() => setValue(undefined)} />}
      <div className="grid gap-5 lg:grid-cols-2">
        <div className="card p-5 sm:p-6">
          <NewTokenForm onValue={setValue} />
        </div>
        <div className="card p-5 sm:p-6">
          <TokenLookup onValue={setValue} />
        </div>
      </div>
      <ProblemNote error={list.error} />
      {rows?.length === 0 && <p className="says">{filtered ? "No token matches." : "There is no token yet."}</p>}
      <ul className="grid gap-2">
        {rows?.map((token) => (
          <TokenRow key={token.id} token={token} onValue={setValue} />
        ))}
      </ul>
      <ShowMore list={list} />
    </section>
  );
}

import type { Token } from "#schema/contracts/tokens.ts";
import { Badge } from "../ui/badge.tsx";
import { ageWords, dateWords } from "../ui/time-words.ts";
import { boxAddress } from "./open-box.ts";
import { TokenActions } from "./token-actions.tsx";
import { endWords, TOKEN_TONES } from "./token-words.ts";

interface Props {
  token: Token;
  onValue(value: string): void;
  onChanged?(): void;
}

export function TokenRow({ token, onValue, onChanged }: Props) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-2 rounded-2xl rounded-bl-md border border-line bg-surface px-4 py-2.5 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <code className="font-mono">…{token.last4}</code>
        <Badge tone={TOKEN_TONES[token.status]}>{token.status}</Badge>
        {token.box_id ? (
          <a className="link" href={boxAddress(token.box_id)}>
            box {token.box_id.slice(0, 8)}
          </a>
        ) : (
          <span className="font-semibold break-all">{token.label}</span>
        )}
        <span className="max-w-full truncate text-muted" title={token.customer_email ?? token.customer_id}>
          {token.customer_email ?? token.customer_id}
        </span>
        <time className="ml-auto text-muted" dateTime={token.created_at} title={dateWords(token.created_at)}>
          {ageWords(token.created_at)} ago
        </time>
      </div>
      <p className="text-muted">{endWords(token)}</p>
      <TokenActions token={token} onValue={onValue} onChanged={onChanged} />
    </li>
  );
}

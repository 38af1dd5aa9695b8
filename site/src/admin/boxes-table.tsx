import type { Box } from "#schema/contracts/internal.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import { HealthBadge, StatusBadge } from "../ui/badge.tsx";
import { Table } from "../ui/table.tsx";
import { ageWords, dateWords } from "../ui/time-words.ts";
import { boxAddress } from "./open-box.ts";

const COLUMNS = ["Customer", "Bot", "Status", "Health", "Tier", "Age", "Namespace"];

export function BoxesTable({ boxes, filtered }: { boxes: readonly Box[]; filtered: boolean }) {
  if (boxes.length === 0) {
    return (
      <p className="says">{filtered ? "No box matches." : "There is no box yet. The form above makes the first."}</p>
    );
  }
  return (
    <Table columns={COLUMNS}>
      {boxes.map((box) => (
        <BoxRow key={box.id} box={box} />
      ))}
    </Table>
  );
}

function BoxRow({ box }: { box: Box }) {
  return (
    <tr className="border-t border-line hover:bg-sunk">
      <th scope="row" className="max-w-64 px-4 py-3 font-semibold">
        <a className="link block truncate" href={boxAddress(box.id)} title={box.customer_email ?? box.customer_id}>
          {box.customer_email ?? box.customer_id}
        </a>
      </th>
      <td data-label="Bot">@{box.telegram_bot_username}</td>
      <td data-label="Status">
        <StatusBadge status={box.status} />
      </td>
      <td data-label="Health">
        <HealthBadge health={box.health} />
      </td>
      <td data-label="Tier">{TIERS[box.tier].name}</td>
      <td data-label="Age" className="tabular-nums">
        <time dateTime={box.created_at} title={dateWords(box.created_at)} className="whitespace-nowrap">
          {ageWords(box.created_at)}
        </time>
      </td>
      <td data-label="Namespace">
        <code className="block max-w-44 truncate font-mono text-xs" title={box.namespace}>
          {box.namespace}
        </code>
      </td>
    </tr>
  );
}

import type { Box } from "#schema/contracts/internal.ts";
import { peopleWords } from "#schema/domain/people.ts";
import { planFigures } from "../plans/plan-figures.ts";
import { dateWords } from "../ui/time-words.ts";

function factsOf(box: Box): [string, string][] {
  const plan = planFigures(box.tier);
  return [
    ["Tier", `${plan.name} · ${plan.tokens} tokens · ${plan.memory}`],
    ["Model", `${box.model}, thinking ${box.thinking_level}`],
    ["Language", box.language],
    ["Chat", box.telegram_chat_url],
    ["May talk to it", peopleWords(box.telegram_users)],
    ["Wanted", `${box.desired_status}, generation ${box.generation} (seen: ${box.observed_generation})`],
    ["Token", box.token_last4 ? `…${box.token_last4}` : "none yet"],
    ["Cluster", box.cluster_id],
    ["Namespace", box.namespace],
    ["Box id", box.id],
    ["Made", dateWords(box.created_at)],
    ["Last seen", box.last_seen_at ? dateWords(box.last_seen_at) : "not yet"],
    ...(box.destroyed_at ? ([["Destroyed", dateWords(box.destroyed_at)]] as [string, string][]) : []),
  ];
}

export function BoxFacts({ box }: { box: Box }) {
  return (
    <dl className="grid gap-x-4 gap-y-2 text-sm sm:grid-cols-[8rem_1fr]">
      {factsOf(box).map(([term, value]) => (
        <div key={term} className="contents">
          <dt className="text-muted">{term}</dt>
          <dd className="-mt-1.5 font-semibold break-all select-text sm:mt-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

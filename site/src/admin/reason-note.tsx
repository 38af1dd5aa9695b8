import { adviceOn } from "#schema/domain/reasons/catalogue.ts";

/** A reason's code, and what an operator does about it. */
export function ReasonNote({ code }: { code: string | null }) {
  if (code === null) return null;
  const advice = adviceOn(code);
  return (
    <span className="font-normal">
      {` (${code})`}
      {advice && <span className="mt-1 block">{`${advice.means}. ${advice.todo}.`}</span>}
    </span>
  );
}

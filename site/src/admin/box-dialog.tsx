import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { HealthBadge, StatusBadge } from "../ui/badge.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { AccessForm } from "./access-form.tsx";
import { BoxActions } from "./box-actions.tsx";
import { BoxFacts } from "./box-facts.tsx";
import { useEdge } from "./edge-calls.ts";
import { JobList } from "./job-list.tsx";
import { closeBox } from "./open-box.ts";
import { ReasonNote } from "./reason-note.tsx";

const REFRESH_MS = 2_000;

export function BoxDialog({ boxId }: { boxId: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="drawer" aria-labelledby="box-title" onClose={closeBox}>
      <BoxDetail boxId={boxId} onClose={() => dialog.current?.close()} />
    </dialog>
  );
}

function BoxDetail({ boxId, onClose }: { boxId: string; onClose(): void }) {
  const edge = useEdge();
  const { data: box, error } = useQuery({
    queryKey: ["box", boxId],
    queryFn: ({ signal }) => edge.box(boxId, signal),
    refetchInterval: REFRESH_MS,
  });
  return (
    <div className="grid gap-6 p-5 sm:p-7">
      <header className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <h2 id="box-title" className="text-xl font-bold break-words">
            {box ? `@${box.telegram_bot_username}` : "Box"}
          </h2>
          <p className="break-words text-muted">{box?.customer_email ?? box?.customer_id}</p>
        </div>
        <button type="button" className="button quiet" onClick={onClose}>
          Close
        </button>
      </header>
      <ProblemNote error={error} />
      {box && (
        <>
          <div className="flex flex-wrap gap-2">
            <StatusBadge status={box.status} />
            <HealthBadge health={box.health} />
          </div>
          {box.status_reason && (
            <p className="rounded-xl bg-warn-soft px-4 py-3 text-sm text-warn">
              {box.status_reason}
              <ReasonNote code={box.health_code} />
            </p>
          )}
          <BoxActions box={box} />
          <BoxFacts box={box} />
          {box.desired_status !== "destroyed" && <AccessForm key={box.id} box={box} />}
        </>
      )}
      <section aria-labelledby="box-jobs-title" className="grid gap-3">
        <h3 id="box-jobs-title" className="text-lg font-bold">
          Its jobs
        </h3>
        <JobList boxId={boxId} />
      </section>
    </div>
  );
}

import { useEffect, useRef, useState } from "react";
import type { Accepted } from "#schema/contracts/internal.ts";
import { JobProgress } from "./job-progress.tsx";
import { boxAddress } from "./open-box.ts";
import { ProvisionForm } from "./provision-form.tsx";

/** The form on the left (above, on a phone); beside it the job that the last submission started. */
export function ProvisionSection() {
  const [accepted, setAccepted] = useState<Accepted>();
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (accepted) panel.current?.scrollIntoView({ block: "nearest" });
  }, [accepted]);
  return (
    <section aria-labelledby="provision-title" className="grid gap-5 lg:grid-cols-[1.15fr_1fr]">
      <div className="card p-5 sm:p-6">
        <h2 id="provision-title" className="mb-5 text-xl font-bold">
          New box
        </h2>
        <ProvisionForm onAccepted={setAccepted} />
      </div>
      <div ref={panel} aria-live="polite" className={`card p-5 sm:p-6 ${accepted ? "min-h-72" : ""}`}>
        {accepted ? <Provisioned key={accepted.job.id} accepted={accepted} /> : <Waiting />}
      </div>
    </section>
  );
}

function Waiting() {
  return (
    <div className="grid h-full min-h-32 content-center justify-items-center gap-3 text-center text-muted">
      <span className="typing says bg-sunk! shadow-none!" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <p>Fill in the form: the job shows here, step by step.</p>
    </div>
  );
}

function Provisioned({ accepted: { box, job } }: { accepted: Accepted }) {
  return (
    <div className="grid gap-4">
      <p className="text-sm text-muted">
        {box.customer_email ?? box.customer_id} ·{" "}
        <a className="link" href={boxAddress(box.id)}>
          open the box
        </a>
      </p>
      <JobProgress job={job} next={<SayHello chat={box.telegram_chat_url} />} />
    </div>
  );
}

/** Shows the link as text, because Telegram may be on another device. */
function SayHello({ chat }: { chat: string }) {
  return (
    <p className="says bg-accent-soft! shadow-none!">
      Next: open{" "}
      <a className="font-semibold underline underline-offset-4" href={chat} target="_blank" rel="noreferrer">
        {chat.replace(/^https?:\/\//, "")}
      </a>{" "}
      and say hello.
    </p>
  );
}

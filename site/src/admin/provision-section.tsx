import { useState } from "react";
import type { Accepted } from "#schema/contracts/internal.ts";
import { JobProgress, useLiveJob } from "./job-progress.tsx";
import { boxAddress } from "./open-box.ts";
import { ProvisionForm } from "./provision-form.tsx";

/** The form on the left; on the right the job that the last submission started. */
export function ProvisionSection() {
  const [accepted, setAccepted] = useState<Accepted>();
  return (
    <section aria-labelledby="provision-title" className="grid gap-5 lg:grid-cols-[1.15fr_1fr]">
      <div className="rounded-3xl rounded-bl-lg border border-line bg-surface p-5 shadow-card sm:p-6">
        <h2 id="provision-title" className="mb-5 text-xl font-bold">
          New box
        </h2>
        <ProvisionForm onAccepted={setAccepted} />
      </div>
      <div
        aria-live="polite"
        className="rounded-3xl rounded-bl-lg border border-line bg-surface p-5 shadow-card sm:p-6"
      >
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
  const { data } = useLiveJob(job);
  const bot = box.telegram_bot_username;
  return (
    <div className="grid gap-4">
      <p className="text-sm text-muted">
        {box.customer_email} ·{" "}
        <a className="link" href={boxAddress(box.id)}>
          open the box
        </a>
      </p>
      <JobProgress job={job} />
      {data.status === "succeeded" && (
        <p className="asks">
          Next: open{" "}
          <a
            className="font-semibold underline underline-offset-4"
            href={`https://t.me/${bot}`}
            target="_blank"
            rel="noreferrer"
          >
            t.me/{bot}
          </a>{" "}
          in Telegram and say hello.
        </p>
      )}
    </div>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { BoxDialog } from "./box-dialog.tsx";
import { BoxesSection } from "./boxes-section.tsx";
import { JobList } from "./job-list.tsx";
import { MetricsSection } from "./metrics-section.tsx";
import { useOpenBox } from "./open-box.ts";
import { forgetKey } from "./operator-key.ts";
import { ProvisionSection } from "./provision-section.tsx";
import { TokensSection } from "./tokens-section.tsx";

/** The page of a signed-in operator. */
export function Desk() {
  const openBox = useOpenBox();
  const queries = useQueryClient();
  const signOut = () => {
    queries.clear();
    forgetKey();
  };
  return (
    <>
      <header className="border-b border-line">
        <div className="mx-auto flex max-w-6xl items-center gap-4 px-4 py-3 sm:px-6">
          <h1 className="font-display text-lg font-bold">
            <a href="/">openclaw-cloud</a> <span className="text-muted">operators</span>
          </h1>
          <button type="button" className="button quiet ml-auto min-h-10! text-sm" onClick={signOut}>
            Sign out
          </button>
        </div>
      </header>
      <main className="mx-auto grid max-w-6xl gap-12 px-4 py-6 sm:px-6 sm:py-10">
        <ProvisionSection />
        <BoxesSection />
        <TokensSection />
        <MetricsSection />
        <section aria-labelledby="jobs-title" className="grid gap-4">
          <h2 id="jobs-title" className="text-xl font-bold">
            Jobs
          </h2>
          <JobList />
        </section>
      </main>
      {openBox && <BoxDialog key={openBox} boxId={openBox} />}
    </>
  );
}

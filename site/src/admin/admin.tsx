import "../edge/zod-config.ts";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useMemo } from "react";
import { EdgeError } from "../edge/edge-error.ts";
import { Desk } from "./desk.tsx";
import { EdgeContext, edgeCalls } from "./edge-calls.ts";
import { forgetKey, useOperatorKey } from "./operator-key.ts";
import { SignIn } from "./sign-in.tsx";

/** Drops a key that the edge no longer accepts, with all data that was read with it. */
const onError = (error: Error): void => {
  if (!(error instanceof EdgeError) || error.status !== 401) return;
  queries.clear();
  forgetKey("The edge no longer accepts this key. Sign in again.");
};

const isPassing = (error: Error): boolean => error instanceof EdgeError && (error.status === 0 || error.status >= 500);

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: { queries: { retry: (failures, error) => isPassing(error) && failures < 2 } },
});

export function Admin() {
  const key = useOperatorKey();
  const edge = useMemo(() => (key ? edgeCalls(key) : undefined), [key]);
  return (
    <QueryClientProvider client={queries}>
      {edge ? (
        <EdgeContext value={edge}>
          <Desk />
        </EdgeContext>
      ) : (
        <SignIn />
      )}
    </QueryClientProvider>
  );
}

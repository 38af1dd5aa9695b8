import { retry } from "#cluster/system/retry.ts";
import type { KubeObject } from "../desired/kube-object.ts";
import { MANAGED_BY } from "../desired/metadata.ts";
import type { TryOut } from "../expectations.ts";
import type { KubeClient } from "./kube-client.ts";
import { mayPass } from "./kube-error.ts";
import { objectPath } from "./resource-path.ts";

/** Never stored. Not the real name, so that others' changes of the real object have no effect. */
const TRIAL = "gateway-trial";

/** Server-side apply as a dry run: returns the object as it would be stored, with defaults. */
export const tryOutOn =
  (client: KubeClient, signal: AbortSignal): TryOut =>
  (object) => {
    const trial = { ...object, metadata: { ...object.metadata, name: TRIAL } } as KubeObject;
    const request = {
      method: "PATCH" as const,
      path: objectPath(trial),
      query: { fieldManager: MANAGED_BY, force: "true", dryRun: "All" },
      contentType: "application/apply-patch+yaml",
      body: trial,
      signal,
    };
    return retry({ attempts: 4, floorMs: 200, capMs: 5_000, signal, retryable: mayPass }, () => client.json(request));
  };

import { applyManifests } from "./cluster.ts";

/** vitest's global set-up of the suites on a cluster: whatever their files leave as it is, and share. */
export default (): Promise<void> => applyManifests();

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PodAccess } from "../../config/config.ts";
import type { ClusterAccess } from "./kube-client.ts";

/**
 * Like the client library's, but without the library, which loads its generated client, 60 MiB that
 * nothing here uses. The kubelet renews the token's file; it is read again whenever credentials are needed.
 */
export function accessFromPod({ server, folder }: PodAccess): ClusterAccess {
  return {
    getCurrentCluster: () => ({ server }),
    applyToHTTPSOptions: async (options) => {
      const [ca, token] = await Promise.all([
        readFile(join(folder, "ca.crt")),
        readFile(join(folder, "token"), "utf8"),
      ]);
      options.ca = ca;
      options.headers = { authorization: `Bearer ${token.trim()}` };
    },
  };
}

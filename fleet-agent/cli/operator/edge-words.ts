import type { EdgeError } from "#cluster/system/call-edge.ts";

/** The edge's error as text for a terminal. */
export function edgeWords({ status, problem }: EdgeError): string {
  if (!problem) {
    return `The edge answered ${status} without saying why: is EDGE_URL really an openclaw-cloud edge?`;
  }
  const { code, detail, errors = [], request_id } = problem;
  const fields = errors.map((error) => `\n  ${error.pointer}: ${error.detail}`).join("");
  // Only the edge's log has more about its internal errors, under this id.
  const id = status >= 500 ? ` (request ${request_id})` : "";
  return `${detail || code}${fields}${id}`;
}

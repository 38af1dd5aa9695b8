import type { EdgeError } from "#cluster/system/call-edge.ts";

/** The edge's error as a person at a terminal reads it, in its own words. */
export function edgeWords({ status, problem }: EdgeError): string {
  if (!problem) {
    return `The edge answered ${status} without saying why: is EDGE_URL really an openclaw-cloud edge?`;
  }
  const { code, detail, errors = [], request_id } = problem;
  const fields = errors.map((error) => `\n  ${error.pointer}: ${error.detail}`).join("");
  // Only the edge's log knows more about its own failures; that is where the id leads.
  const id = status >= 500 ? ` (request ${request_id})` : "";
  return `${detail || code}${fields}${id}`;
}

/** The edge's error answers, except on `/v1/*`, where they have the shape of the API that was called. */
import * as z from "zod";

/** RFC 9457. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;

/** Undefined for an answer that is not the edge's, such as a proxy's error page. */
export async function readProblem(response: { json(): Promise<unknown> }): Promise<Problem | undefined> {
  return Problem.safeParse(await response.json().catch(() => undefined)).data;
}

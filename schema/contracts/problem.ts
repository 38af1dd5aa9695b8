/** How the edge answers every error but those of `/v1/*`, which have the shape of the API that is spoken there. */
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

/** Undefined for an answer that is none of the edge's, such as a proxy's error page. */
export async function readProblem(response: { json(): Promise<unknown> }): Promise<Problem | undefined> {
  return Problem.safeParse(await response.json().catch(() => undefined)).data;
}

/** The answer to a change of a box: it is recorded, and a job applies it. */
import { Accepted } from "#schema/contracts/internal.ts";
import { json } from "../answer.ts";

export const accepted = json("The change is recorded; its job applies it", Accepted, 202);

export const jobLocation = ({ job }: { job: { id: string } }): string => `/internal/jobs/${job.id}`;

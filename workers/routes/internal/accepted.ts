/** The answer to a change of a box: it is recorded, and a job brings the box there. */
import { Accepted } from "#schema/contracts/internal.ts";
import { json } from "../answer.ts";

export const accepted = json("The change is recorded; the job brings the box there", Accepted, 202);

export const jobLocation = ({ job }: { job: { id: string } }): string => `/internal/jobs/${job.id}`;

import { eq } from "drizzle-orm";
import type { Box } from "#schema/contracts/internal.ts";
import { boxes } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call } from "../../context.ts";
import { selectBoxes, viewBox } from "./view-box.ts";

/** Throws `not_found`. */
export async function getBox({ ctx, input }: Call<{ boxId: string }>): Promise<Box> {
  const [row] = await selectBoxes(ctx).where(eq(boxes.id, input.boxId));
  if (!row) throw new AppError("not_found", "There is no such box");
  return viewBox(row);
}

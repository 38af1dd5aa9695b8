-- The program before this one compares the column with values of the enum: until it is gone, they count as text.
CREATE CAST ("health_code" AS text) WITH INOUT AS IMPLICIT;--> statement-breakpoint
-- In place: one short row a box, and both programs' statements fit both types.
-- squawk-ignore changing-column-type
ALTER TABLE "box_health" ALTER COLUMN "code" SET DATA TYPE text;

-- Whoever has a box by now was told long ago: those get a moment, new boxes none.
ALTER TABLE "box_health" ADD COLUMN "ready_told_at" timestamp with time zone DEFAULT '1970-01-01T00:00:00Z';--> statement-breakpoint
ALTER TABLE "box_health" ALTER COLUMN "ready_told_at" DROP DEFAULT;

CREATE TYPE "public"."webhook_source" AS ENUM('stripe', 'telegram', 'nango', 'qstash');--> statement-breakpoint
-- In place: no program has written a row yet.
ALTER TABLE "webhook_events"
  DROP CONSTRAINT "webhook_events_source",
  -- squawk-ignore changing-column-type
  ALTER COLUMN "source" SET DATA TYPE "webhook_source" USING "source"::"webhook_source";

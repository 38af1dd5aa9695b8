ALTER TABLE "box_health" ADD COLUMN "letter_failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "box_health" ADD COLUMN "letter_due_at" timestamp with time zone;
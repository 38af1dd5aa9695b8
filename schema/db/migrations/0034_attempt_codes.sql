-- migrate: statements
ALTER TABLE "backups" ADD COLUMN IF NOT EXISTS "attempt_code" text;--> statement-breakpoint
ALTER TABLE "restores" ADD COLUMN IF NOT EXISTS "attempt_code" text;
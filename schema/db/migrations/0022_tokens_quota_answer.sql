CREATE TYPE "public"."quota_answer" AS ENUM('message', 'error');--> statement-breakpoint
-- In place, as "boxes" before.
ALTER TABLE "proxy_tokens"
  DROP CONSTRAINT "proxy_tokens_when_spent",
  ALTER COLUMN "when_spent" DROP DEFAULT,
  -- squawk-ignore changing-column-type
  ALTER COLUMN "when_spent" SET DATA TYPE "quota_answer" USING "when_spent"::"quota_answer",
  ALTER COLUMN "when_spent" SET DEFAULT 'error';

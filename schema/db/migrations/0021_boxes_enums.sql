CREATE TYPE "public"."pool_result" AS ENUM('hit', 'miss');--> statement-breakpoint
CREATE TYPE "public"."thinking_level" AS ENUM('off', 'minimal', 'low', 'medium', 'high');--> statement-breakpoint
-- The program before this one writes a subquery's 'miss', which is text: until it is gone, text fits where it is written.
CREATE CAST (text AS "pool_result") WITH INOUT AS ASSIGNMENT;--> statement-breakpoint
-- In place: some thousands of rows are written anew in a fraction of a second, and both programs' statements fit both types.
ALTER TABLE "boxes"
  DROP CONSTRAINT "boxes_pool_result",
  -- squawk-ignore changing-column-type
  ALTER COLUMN "thinking_level" SET DATA TYPE "thinking_level" USING "thinking_level"::"thinking_level",
  -- squawk-ignore changing-column-type
  ALTER COLUMN "pool_result" SET DATA TYPE "pool_result" USING "pool_result"::"pool_result",
  ADD CONSTRAINT "boxes_pool_result" CHECK ("pool_result" is null or "customer_id" is not null) NOT VALID;

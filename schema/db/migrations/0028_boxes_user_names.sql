-- The program before this one writes no names. What it writes about people, their ids, stays what counts.
ALTER TABLE "boxes" ADD COLUMN "telegram_user_names" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "boxes" ADD CONSTRAINT "boxes_user_names" CHECK (jsonb_typeof("boxes"."telegram_user_names") = 'object' and ("boxes"."customer_id" is not null or "boxes"."telegram_user_names" = '{}')) NOT VALID;

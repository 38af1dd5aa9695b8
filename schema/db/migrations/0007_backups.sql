CREATE TYPE "public"."backup_status" AS ENUM('pending', 'stored', 'failed', 'removed');--> statement-breakpoint
CREATE TYPE "public"."restore_status" AS ENUM('pending', 'succeeded', 'failed');--> statement-breakpoint
ALTER TYPE "public"."job_type" ADD VALUE 'backup';--> statement-breakpoint
ALTER TYPE "public"."job_type" ADD VALUE 'restore';--> statement-breakpoint
CREATE TABLE "backups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"box_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"status" "backup_status" DEFAULT 'pending' NOT NULL,
	"scheduled" boolean DEFAULT false NOT NULL,
	"data_key_sealed" text,
	"manifest" jsonb,
	"bytes" bigint,
	"reason" text,
	"attempt_fence" bigint,
	"attempt_reason" text,
	"attempt_retryable" boolean,
	"requested_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"stored_at" timestamp with time zone,
	"removed_at" timestamp with time zone,
	CONSTRAINT "backups_id_customer_id_key" UNIQUE("id","customer_id"),
	CONSTRAINT "backups_key_sealed" CHECK ("backups"."data_key_sealed" like 'v1.%'),
	CONSTRAINT "backups_stored" CHECK ("backups"."status" <> 'stored' or (num_nulls("backups"."manifest", "backups"."bytes", "backups"."stored_at", "backups"."data_key_sealed") = 0)),
	CONSTRAINT "backups_removed" CHECK ("backups"."status" <> 'removed' or "backups"."data_key_sealed" is null),
	CONSTRAINT "backups_removed_at" CHECK ("backups"."removed_at" is null or "backups"."status" in ('failed', 'removed'))
);
--> statement-breakpoint
CREATE TABLE "restores" (
	"id" uuid PRIMARY KEY NOT NULL,
	"backup_id" uuid NOT NULL,
	"box_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"status" "restore_status" DEFAULT 'pending' NOT NULL,
	"is_origin" boolean NOT NULL,
	"reason" text,
	"attempt_fence" bigint,
	"attempt_reason" text,
	"attempt_retryable" boolean,
	"requested_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "restores_finished" CHECK (("restores"."status" = 'pending') = ("restores"."finished_at" is null))
);
--> statement-breakpoint
ALTER TABLE "backups" ADD CONSTRAINT "backups_job_id_operator_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."operator_jobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "backups" ADD CONSTRAINT "backups_box_of_customer" FOREIGN KEY ("box_id","customer_id") REFERENCES "public"."boxes"("id","customer_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "restores" ADD CONSTRAINT "restores_backup_of_customer" FOREIGN KEY ("backup_id","customer_id") REFERENCES "public"."backups"("id","customer_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "restores" ADD CONSTRAINT "restores_box_of_customer" FOREIGN KEY ("box_id","customer_id") REFERENCES "public"."boxes"("id","customer_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "backups_one_pending_per_box" ON "backups" USING btree ("box_id") WHERE "backups"."status" = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX "backups_job_id_key" ON "backups" USING btree ("job_id");--> statement-breakpoint
CREATE INDEX "backups_box_id_created_at_idx" ON "backups" USING btree ("box_id","created_at");--> statement-breakpoint
CREATE INDEX "backups_created_at_idx" ON "backups" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "restores_one_pending_per_box" ON "restores" USING btree ("box_id") WHERE "restores"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "restores_backup_id_idx" ON "restores" USING btree ("backup_id");--> statement-breakpoint
-- The transition tables of schema/domain/states.ts (a test compares them).
INSERT INTO "state_transitions" ("machine", "from_state", "to_state") VALUES
  ('backup', 'pending', 'stored'),
  ('backup', 'pending', 'failed'),
  ('backup', 'stored', 'removed'),
  ('restore', 'pending', 'succeeded'),
  ('restore', 'pending', 'failed');
--> statement-breakpoint
CREATE TRIGGER "backups_transition" BEFORE UPDATE OF "status" ON "backups"
  FOR EACH ROW EXECUTE FUNCTION "check_transition"('backup');
--> statement-breakpoint
CREATE TRIGGER "restores_transition" BEFORE UPDATE OF "status" ON "restores"
  FOR EACH ROW EXECUTE FUNCTION "check_transition"('restore');

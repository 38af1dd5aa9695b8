ALTER TABLE "boxes" ADD COLUMN "health_code" text;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "container_restarts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "auto_restarts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "auto_restarted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "trouble_told_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "drift_repairs" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "drift_repaired_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "clusters" ADD COLUMN "compared_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "clusters" ADD COLUMN "comparison" jsonb;--> statement-breakpoint
ALTER TABLE "clusters" ADD COLUMN "compare_asked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "clusters" ADD COLUMN "brake" jsonb;--> statement-breakpoint
CREATE INDEX "boxes_unhealthy_idx" ON "boxes" USING btree ("cluster_id") WHERE "boxes"."health" = 'unhealthy' and "boxes"."status" <> 'destroyed';--> statement-breakpoint
CREATE INDEX "boxes_trouble_told_idx" ON "boxes" USING btree ("id") WHERE "boxes"."trouble_told_at" is not null;
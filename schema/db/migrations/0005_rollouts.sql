CREATE TYPE "public"."rollout_status" AS ENUM('running', 'paused', 'finishing', 'rolling_back', 'succeeded', 'rolled_back');--> statement-breakpoint
CREATE TABLE "gateway_images" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reference" text NOT NULL,
	"openclaw_version" text NOT NULL,
	"state_note" text,
	"notes" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "gateway_images_fixed" CHECK ("gateway_images"."reference" ~ '@sha256:[0-9a-f]{64}$' or "gateway_images"."reference" like 'localhost/%'),
	CONSTRAINT "gateway_images_version" CHECK ("gateway_images"."openclaw_version" ~ '^[0-9]+([.][0-9]+)*([.-][0-9A-Za-z]+)*$')
);
--> statement-breakpoint
CREATE TABLE "rollout_boxes" (
	"rollout_id" uuid NOT NULL,
	"box_id" uuid NOT NULL,
	"wave" integer NOT NULL,
	"from_image_id" uuid,
	"was_well" boolean NOT NULL,
	"generation" bigint NOT NULL,
	"moved_at" timestamp with time zone NOT NULL,
	"restored_generation" bigint,
	"restored_at" timestamp with time zone,
	CONSTRAINT "rollout_boxes_rollout_id_box_id_pk" PRIMARY KEY("rollout_id","box_id"),
	CONSTRAINT "rollout_boxes_restored" CHECK (("rollout_boxes"."restored_generation" is null) = ("rollout_boxes"."restored_at" is null))
);
--> statement-breakpoint
CREATE TABLE "rollouts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"cluster_id" text NOT NULL,
	"from_image_id" uuid,
	"to_image_id" uuid NOT NULL,
	"status" "rollout_status" DEFAULT 'running' NOT NULL,
	"shares" integer[] NOT NULL,
	"wave" integer DEFAULT 0 NOT NULL,
	"wave_done_at" timestamp with time zone,
	"soak_seconds" integer NOT NULL,
	"max_concurrent" integer NOT NULL,
	"max_failed" integer NOT NULL,
	"max_unhealthy_percent" integer NOT NULL,
	"boxes_before" integer NOT NULL,
	"unwell_before" integer NOT NULL,
	"notes" text,
	"reason" text,
	"stopped_by" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "rollouts_images" CHECK ("rollouts"."from_image_id" is distinct from "rollouts"."to_image_id"),
	CONSTRAINT "rollouts_shares" CHECK (cardinality("rollouts"."shares") between 1 and 10 and "rollouts"."shares"[cardinality("rollouts"."shares")] = 100
        and 1 <= all("rollouts"."shares") and 100 >= all("rollouts"."shares")),
	CONSTRAINT "rollouts_wave" CHECK ("rollouts"."wave" >= 0 and "rollouts"."wave" < cardinality("rollouts"."shares")),
	CONSTRAINT "rollouts_limits" CHECK ("rollouts"."soak_seconds" between 0 and 604800 and "rollouts"."max_concurrent" between 1 and 200
        and "rollouts"."max_failed" >= 0 and "rollouts"."max_unhealthy_percent" between 0 and 100),
	CONSTRAINT "rollouts_before" CHECK ("rollouts"."unwell_before" between 0 and "rollouts"."boxes_before"),
	CONSTRAINT "rollouts_reason" CHECK ("rollouts"."status" not in ('rolling_back', 'rolled_back') or "rollouts"."reason" is not null),
	CONSTRAINT "rollouts_finished" CHECK (("rollouts"."status" in ('succeeded', 'rolled_back')) = ("rollouts"."finished_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "image_id" uuid;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "first_in_rollouts" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "clusters" ADD COLUMN "image_id" uuid;--> statement-breakpoint
ALTER TABLE "rollout_boxes" ADD CONSTRAINT "rollout_boxes_rollout_id_rollouts_id_fk" FOREIGN KEY ("rollout_id") REFERENCES "public"."rollouts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollout_boxes" ADD CONSTRAINT "rollout_boxes_box_id_boxes_id_fk" FOREIGN KEY ("box_id") REFERENCES "public"."boxes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollout_boxes" ADD CONSTRAINT "rollout_boxes_from_image_id_gateway_images_id_fk" FOREIGN KEY ("from_image_id") REFERENCES "public"."gateway_images"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "public"."clusters"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_from_image_id_gateway_images_id_fk" FOREIGN KEY ("from_image_id") REFERENCES "public"."gateway_images"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_to_image_id_gateway_images_id_fk" FOREIGN KEY ("to_image_id") REFERENCES "public"."gateway_images"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "gateway_images_reference_key" ON "gateway_images" USING btree ("reference");--> statement-breakpoint
CREATE UNIQUE INDEX "rollouts_one_active_per_cluster" ON "rollouts" USING btree ("cluster_id") WHERE "rollouts"."status" in ('running', 'paused', 'finishing', 'rolling_back');--> statement-breakpoint
CREATE INDEX "rollouts_created_at_idx" ON "rollouts" USING btree ("created_at");--> statement-breakpoint
ALTER TABLE "boxes" ADD CONSTRAINT "boxes_image_id_gateway_images_id_fk" FOREIGN KEY ("image_id") REFERENCES "public"."gateway_images"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clusters" ADD CONSTRAINT "clusters_image_id_gateway_images_id_fk" FOREIGN KEY ("image_id") REFERENCES "public"."gateway_images"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
INSERT INTO "state_transitions" ("machine", "from_state", "to_state") VALUES
  ('rollout', 'running', 'paused'),
  ('rollout', 'running', 'finishing'),
  ('rollout', 'running', 'rolling_back'),
  ('rollout', 'paused', 'running'),
  ('rollout', 'paused', 'rolling_back'),
  ('rollout', 'finishing', 'succeeded'),
  ('rollout', 'rolling_back', 'rolled_back');
--> statement-breakpoint
CREATE TRIGGER "rollouts_transition" BEFORE UPDATE OF "status" ON "rollouts"
  FOR EACH ROW EXECUTE FUNCTION "check_transition"('rollout');
--> statement-breakpoint
CREATE TRIGGER "gateway_images_append_only" BEFORE UPDATE OR DELETE ON "gateway_images"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
-- A new box gets its cluster's image, whoever makes it. The cluster's row is locked until the box is there: when a rollout
-- changes the cluster's image, every box with the image before can be seen by whoever looks for what is left.
CREATE FUNCTION "choose_box_image"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.image_id IS NULL THEN
    SELECT image_id INTO NEW.image_id FROM clusters WHERE id = NEW.cluster_id FOR SHARE;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "boxes_image" BEFORE INSERT ON "boxes" FOR EACH ROW EXECUTE FUNCTION "choose_box_image"();

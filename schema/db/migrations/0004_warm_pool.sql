CREATE TABLE "warm_pools" (
	"cluster_id" text NOT NULL,
	"tier" "tier" NOT NULL,
	"size" integer NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "warm_pools_cluster_id_tier_pk" PRIMARY KEY("cluster_id","tier"),
	CONSTRAINT "warm_pools_size" CHECK ("warm_pools"."size" between 0 and 200)
);--> statement-breakpoint
ALTER TABLE "boxes" DROP CONSTRAINT "boxes_users";--> statement-breakpoint
ALTER TABLE "boxes" ALTER COLUMN "customer_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "boxes" ALTER COLUMN "subscription_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "boxes" ALTER COLUMN "telegram_bot_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "boxes" ALTER COLUMN "telegram_bot_username" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "boxes" ALTER COLUMN "telegram_bot_token_sealed" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "adopted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "pool_result" text;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "unhealthy_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "boxes" ADD COLUMN "outdated" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "warm_pools" ADD CONSTRAINT "warm_pools_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "public"."clusters"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "boxes" ADD CONSTRAINT "boxes_id_customer_id_key" UNIQUE("id","customer_id");--> statement-breakpoint
ALTER TABLE "proxy_tokens" ADD CONSTRAINT "proxy_tokens_box_of_customer" FOREIGN KEY ("box_id","customer_id") REFERENCES "public"."boxes"("id","customer_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "boxes_pool_idx" ON "boxes" USING btree ("cluster_id","tier") WHERE "boxes"."customer_id" is null and "boxes"."status" <> 'destroyed';--> statement-breakpoint
ALTER TABLE "boxes" ADD CONSTRAINT "boxes_owner_whole" CHECK (num_nulls("boxes"."customer_id", "boxes"."subscription_id", "boxes"."telegram_bot_id", "boxes"."telegram_bot_username", "boxes"."telegram_bot_token_sealed") in (0, 5));--> statement-breakpoint
ALTER TABLE "boxes" ADD CONSTRAINT "boxes_adopted" CHECK ("boxes"."adopted_at" is null or "boxes"."customer_id" is not null);--> statement-breakpoint
ALTER TABLE "boxes" ADD CONSTRAINT "boxes_pool_result" CHECK ("boxes"."pool_result" is null or ("boxes"."pool_result" in ('hit', 'miss') and "boxes"."customer_id" is not null));--> statement-breakpoint
ALTER TABLE "boxes" ADD CONSTRAINT "boxes_users" CHECK (cardinality("boxes"."telegram_user_ids") between (case when "boxes"."customer_id" is null then 0 else 1 end)
        and (case when "boxes"."customer_id" is null then 0 else 10 end));--> statement-breakpoint
INSERT INTO "state_transitions" ("machine", "from_state", "to_state") VALUES ('box', 'active', 'provisioning');
--> statement-breakpoint
-- A box has one owner in its life, and gets it only while it is whole and nobody else has asked for a change of it: what
-- was anybody's is destroyed, never handed on. Only the getting of an owner takes an active box back to provisioning.
CREATE FUNCTION "check_box_owner"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.customer_id IS NOT NULL AND NEW.customer_id IS DISTINCT FROM OLD.customer_id THEN
    RAISE EXCEPTION 'a box keeps its owner for good' USING ERRCODE = 'check_violation', CONSTRAINT = 'boxes_owner_for_good';
  END IF;
  IF OLD.customer_id IS NULL AND NEW.customer_id IS NOT NULL AND (
    OLD.status <> 'active' OR OLD.desired_status <> 'active' OR OLD.observed_generation <> OLD.generation
    OR NEW.generation <= OLD.generation OR NEW.adopted_at IS NULL
  ) THEN
    RAISE EXCEPTION 'only a box of the pool that is ready can be adopted' USING ERRCODE = 'check_violation', CONSTRAINT = 'boxes_adoptable';
  END IF;
  IF OLD.status = 'active' AND NEW.status = 'provisioning' AND NOT (OLD.customer_id IS NULL AND NEW.customer_id IS NOT NULL) THEN
    RAISE EXCEPTION 'an active box is not provisioned again' USING ERRCODE = 'check_violation', CONSTRAINT = 'boxes_adoptable';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "boxes_owner" BEFORE UPDATE OF "customer_id", "status" ON "boxes"
  FOR EACH ROW EXECUTE FUNCTION "check_box_owner"();

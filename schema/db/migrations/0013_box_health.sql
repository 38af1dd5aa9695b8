CREATE TYPE "public"."health_code" AS ENUM('not_ready', 'crash_loop', 'node', 'image', 'unschedulable', 'quota', 'forbidden');--> statement-breakpoint
CREATE TYPE "public"."health_state" AS ENUM('unknown', 'healthy', 'unhealthy');--> statement-breakpoint
CREATE TABLE "box_health" (
	"box_id" uuid PRIMARY KEY NOT NULL,
	"state" "health_state" DEFAULT 'unknown' NOT NULL,
	"unhealthy_since" timestamp with time zone,
	"code" "health_code",
	"reason" text,
	"last_seen_at" timestamp with time zone,
	"container_restarts" integer DEFAULT 0 NOT NULL,
	"auto_restarts" integer DEFAULT 0 NOT NULL,
	"auto_restarted_at" timestamp with time zone,
	"told_at" timestamp with time zone,
	"drift_repairs" integer DEFAULT 0 NOT NULL,
	"drift_repaired_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "box_rollouts" (
	"box_id" uuid PRIMARY KEY NOT NULL,
	"first" boolean DEFAULT false NOT NULL,
	"outdated" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
ALTER TABLE "box_health" ADD CONSTRAINT "box_health_box_id_boxes_id_fk" FOREIGN KEY ("box_id") REFERENCES "public"."boxes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "box_rollouts" ADD CONSTRAINT "box_rollouts_box_id_boxes_id_fk" FOREIGN KEY ("box_id") REFERENCES "public"."boxes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "box_health_unhealthy_idx" ON "box_health" USING btree ("box_id") WHERE "box_health"."state" = 'unhealthy';--> statement-breakpoint
CREATE INDEX "box_health_told_idx" ON "box_health" USING btree ("box_id") WHERE "box_health"."told_at" is not null;--> statement-breakpoint
-- Each box has its rows, whoever makes it.
CREATE FUNCTION "make_box_parts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO box_health (box_id) VALUES (NEW.id) ON CONFLICT (box_id) DO NOTHING;
  INSERT INTO box_rollouts (box_id) VALUES (NEW.id) ON CONFLICT (box_id) DO NOTHING;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "boxes_parts" AFTER INSERT ON "boxes" FOR EACH ROW EXECUTE FUNCTION "make_box_parts"();
--> statement-breakpoint
-- While the program before this one runs: what it writes into "boxes" is brought here, and what this one writes is brought
-- there. Only what a program itself wrote, not a trigger: depth 0.
CREATE FUNCTION "health_code_of"("code" text) RETURNS health_code LANGUAGE sql AS $$
  SELECT e FROM unnest(enum_range(NULL::health_code)) e WHERE e::text = code
$$;
--> statement-breakpoint
CREATE FUNCTION "bring_box_parts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO box_health AS h (box_id, state, unhealthy_since, code, reason, last_seen_at, container_restarts, auto_restarts,
      auto_restarted_at, told_at, drift_repairs, drift_repaired_at)
    VALUES (NEW.id, NEW.health::health_state, NEW.unhealthy_since, health_code_of(NEW.health_code),
      CASE WHEN NEW.status = 'active' THEN NEW.status_reason END, NEW.last_seen_at, NEW.container_restarts, NEW.auto_restarts,
      NEW.auto_restarted_at, NEW.trouble_told_at, NEW.drift_repairs, NEW.drift_repaired_at)
    ON CONFLICT (box_id) DO UPDATE SET state = excluded.state, unhealthy_since = excluded.unhealthy_since, code = excluded.code,
      reason = excluded.reason, last_seen_at = excluded.last_seen_at, container_restarts = excluded.container_restarts,
      auto_restarts = excluded.auto_restarts, auto_restarted_at = excluded.auto_restarted_at, told_at = excluded.told_at,
      drift_repairs = excluded.drift_repairs, drift_repaired_at = excluded.drift_repaired_at;
  INSERT INTO box_rollouts (box_id, first, outdated) VALUES (NEW.id, NEW.first_in_rollouts, NEW.outdated)
    ON CONFLICT (box_id) DO UPDATE SET first = excluded.first, outdated = excluded.outdated;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "boxes_bring_new" AFTER INSERT ON "boxes"
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION "bring_box_parts"();
--> statement-breakpoint
CREATE TRIGGER "boxes_bring_parts" AFTER UPDATE ON "boxes"
  FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND
    (OLD.health, OLD.unhealthy_since, OLD.health_code, OLD.last_seen_at, OLD.container_restarts, OLD.auto_restarts,
      OLD.auto_restarted_at, OLD.trouble_told_at, OLD.drift_repairs, OLD.drift_repaired_at, OLD.first_in_rollouts, OLD.outdated)
    IS DISTINCT FROM
    (NEW.health, NEW.unhealthy_since, NEW.health_code, NEW.last_seen_at, NEW.container_restarts, NEW.auto_restarts,
      NEW.auto_restarted_at, NEW.trouble_told_at, NEW.drift_repairs, NEW.drift_repaired_at, NEW.first_in_rollouts, NEW.outdated))
  EXECUTE FUNCTION "bring_box_parts"();
--> statement-breakpoint
CREATE FUNCTION "bring_box_health"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE boxes SET health = NEW.state::text, unhealthy_since = NEW.unhealthy_since, health_code = NEW.code::text,
    status_reason = CASE WHEN status = 'active' THEN NEW.reason ELSE status_reason END, last_seen_at = NEW.last_seen_at,
    container_restarts = NEW.container_restarts, auto_restarts = NEW.auto_restarts, auto_restarted_at = NEW.auto_restarted_at,
    trouble_told_at = NEW.told_at, drift_repairs = NEW.drift_repairs, drift_repaired_at = NEW.drift_repaired_at
  WHERE id = NEW.box_id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "box_health_bring" AFTER UPDATE ON "box_health"
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION "bring_box_health"();
--> statement-breakpoint
CREATE FUNCTION "bring_box_rollouts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE boxes SET first_in_rollouts = NEW.first, outdated = NEW.outdated WHERE id = NEW.box_id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "box_rollouts_bring" AFTER UPDATE ON "box_rollouts"
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION "bring_box_rollouts"();

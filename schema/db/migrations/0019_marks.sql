-- migrate: statements
CREATE INDEX CONCURRENTLY IF NOT EXISTS "box_health_ready_idx" ON "box_health" USING btree ("box_id") WHERE "box_health"."ready_told_at" is null;
--> statement-breakpoint
-- What a meter has to be told, whoever changes it, the program before this one and people included.
CREATE OR REPLACE FUNCTION "mark_meter_sync"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO meter_syncs (customer_id) VALUES (NEW.customer_id)
    ON CONFLICT (customer_id) DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE TRIGGER "boxes_meter_sync" AFTER UPDATE OF "desired_status" ON "boxes"
  FOR EACH ROW WHEN (NEW.customer_id IS NOT NULL AND OLD.desired_status IS DISTINCT FROM NEW.desired_status)
  EXECUTE FUNCTION "mark_meter_sync"();
--> statement-breakpoint
-- That a token's time is over the meter sees by its clock.
CREATE OR REPLACE TRIGGER "proxy_tokens_meter_sync" AFTER UPDATE OF "status", "expires_at" ON "proxy_tokens"
  FOR EACH ROW WHEN ((OLD.status, OLD.expires_at) IS DISTINCT FROM (NEW.status, NEW.expires_at)
    AND NOT coalesce(NEW.status = 'revoked' AND OLD.expires_at <= NEW.revoked_at, false))
  EXECUTE FUNCTION "mark_meter_sync"();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER "subscriptions_meter_sync" AFTER UPDATE OF "tier", "status" ON "subscriptions"
  FOR EACH ROW WHEN ((OLD.tier, OLD.status) IS DISTINCT FROM (NEW.tier, NEW.status))
  EXECUTE FUNCTION "mark_meter_sync"();

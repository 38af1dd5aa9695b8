-- What drizzle-kit cannot say: state machines, the append-only log, the ledger's partitions.

-- The transition tables of schema/domain/states.ts (a test compares them).
CREATE TABLE "state_transitions" (
  "machine" text NOT NULL,
  "from_state" text NOT NULL,
  "to_state" text NOT NULL,
  PRIMARY KEY ("machine", "from_state", "to_state")
);
--> statement-breakpoint
INSERT INTO "state_transitions" ("machine", "from_state", "to_state")
  SELECT 'box', * FROM (VALUES
    ('pending', 'provisioning'),
    ('pending', 'failed'),
    ('pending', 'destroying'),
    ('provisioning', 'active'),
    ('provisioning', 'failed'),
    ('provisioning', 'suspending'),
    ('provisioning', 'destroying'),
    ('active', 'updating'),
    ('active', 'suspending'),
    ('active', 'destroying'),
    ('active', 'failed'),
    ('updating', 'active'),
    ('updating', 'suspending'),
    ('updating', 'destroying'),
    ('updating', 'failed'),
    ('suspending', 'suspended'),
    ('suspending', 'reactivating'),
    ('suspending', 'destroying'),
    ('suspending', 'failed'),
    ('suspended', 'reactivating'),
    ('suspended', 'destroying'),
    ('reactivating', 'active'),
    ('reactivating', 'suspending'),
    ('reactivating', 'destroying'),
    ('reactivating', 'failed'),
    ('destroying', 'destroyed'),
    ('failed', 'provisioning'),
    ('failed', 'updating'),
    ('failed', 'reactivating'),
    ('failed', 'suspending'),
    ('failed', 'destroying')
  ) AS edges
  UNION ALL
  SELECT 'job', * FROM (VALUES
    ('queued', 'running'),
    ('queued', 'cancelled'),
    ('queued', 'superseded'),
    ('running', 'succeeded'),
    ('running', 'queued'),
    ('running', 'dead'),
    ('running', 'cancelled'),
    ('running', 'superseded'),
    ('dead', 'queued')
  ) AS edges;
--> statement-breakpoint
CREATE FUNCTION "check_transition"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status IS DISTINCT FROM OLD.status AND NOT EXISTS (
    SELECT 1 FROM state_transitions
    WHERE machine = TG_ARGV[0] AND from_state = OLD.status::text AND to_state = NEW.status::text
  ) THEN
    RAISE EXCEPTION 'a % cannot go from % to %', TG_ARGV[0], OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0] || '_transition';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "boxes_transition" BEFORE UPDATE OF "status" ON "boxes"
  FOR EACH ROW EXECUTE FUNCTION "check_transition"('box');
--> statement-breakpoint
CREATE TRIGGER "operator_jobs_transition" BEFORE UPDATE OF "status" ON "operator_jobs"
  FOR EACH ROW EXECUTE FUNCTION "check_transition"('job');
--> statement-breakpoint
-- Fences and generations only rise.
CREATE FUNCTION "check_rising"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.fence < OLD.fence OR NEW.generation < OLD.generation OR NEW.observed_generation < OLD.observed_generation THEN
    RAISE EXCEPTION 'fence and generations of a box only rise' USING ERRCODE = 'check_violation', CONSTRAINT = 'boxes_rising';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "boxes_rising" BEFORE UPDATE ON "boxes" FOR EACH ROW EXECUTE FUNCTION "check_rising"();
--> statement-breakpoint
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
--> statement-breakpoint
CREATE TRIGGER "audit_log_append_only" BEFORE UPDATE OR DELETE ON "audit_log"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "usage_events_append_only" BEFORE UPDATE OR DELETE ON "usage_events"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
-- The default partition takes what no month's partition covers, so that a late sweeper loses nothing.
CREATE TABLE "usage_events_default" PARTITION OF "usage_events" DEFAULT;
--> statement-breakpoint
-- Makes the partition of the month that holds the given time; the hourly sweeper calls it for the next months.
CREATE FUNCTION "ensure_usage_partition"("month_of" timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first timestamptz := date_trunc('month', month_of, 'UTC');
  name text := 'usage_events_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
  EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF usage_events FOR VALUES FROM (%L) TO (%L)',
    name, first, date_trunc('month', first + interval '32 days', 'UTC'));
END $$;
--> statement-breakpoint
SELECT "ensure_usage_partition"(now()), "ensure_usage_partition"(now() + interval '1 month');

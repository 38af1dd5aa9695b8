-- Events of a month that has no partition lie in the default one. The partition, when it is made, takes them along: before,
-- it could not be made for as long as they lay there. Writers wait at the table until then, so that no event is written to
-- the default partition between the look and the move; nor can a deletion miss what is moved.
CREATE OR REPLACE FUNCTION "ensure_usage_partition"("month_of" timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first timestamptz := date_trunc('month', month_of, 'UTC');
  past timestamptz := date_trunc('month', first + interval '32 days', 'UTC');
  name text := 'usage_events_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
  IF is_usage_partition(name) THEN RETURN; END IF;
  PERFORM set_config('lock_timeout', '900ms', true);
  LOCK TABLE ONLY usage_events IN SHARE ROW EXCLUSIVE MODE;
  IF is_usage_partition(name) THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I (LIKE usage_events INCLUDING ALL)', name);
  IF EXISTS (SELECT FROM usage_events_default WHERE occurred_at >= first AND occurred_at < past) THEN
    ALTER TABLE usage_events_default DISABLE TRIGGER usage_events_append_only;
    EXECUTE format('WITH moved AS (DELETE FROM usage_events_default WHERE occurred_at >= %L AND occurred_at < %L RETURNING *)
      INSERT INTO %I SELECT * FROM moved', first, past, name);
    ALTER TABLE usage_events_default ENABLE TRIGGER usage_events_append_only;
  END IF;
  EXECUTE format('ALTER TABLE usage_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, first, past);
END $$;
--> statement-breakpoint
CREATE FUNCTION "is_usage_partition"("name" text) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'usage_events'::regclass AND inhrelid = to_regclass(name))
$$;
--> statement-breakpoint
-- Makes the partitions of these months, and of those whose events lie in the default one (a year of them at a time).
CREATE FUNCTION "keep_usage_partitions"("months" timestamptz[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  month timestamptz;
BEGIN
  months := months || ARRAY(SELECT DISTINCT date_trunc('month', occurred_at, 'UTC') FROM usage_events_default ORDER BY 1 LIMIT 12);
  FOREACH month IN ARRAY months LOOP
    PERFORM ensure_usage_partition(month);
  END LOOP;
END $$;
--> statement-breakpoint
-- The ledger is append-only, so old events go as whole months: every partition that ended before the given time. The
-- default partition is not looked at: its events are moved to their month's.
CREATE OR REPLACE FUNCTION "drop_usage_partitions"("before" timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  part record;
  dropped integer := 0;
BEGIN
  PERFORM set_config('lock_timeout', '900ms', true);
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'usage_events'::regclass AND c.relname ~ '^usage_events_[0-9]{4}_[0-9]{2}$'
      AND (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= before
  LOOP
    EXECUTE format('DROP TABLE %I', part.relname);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

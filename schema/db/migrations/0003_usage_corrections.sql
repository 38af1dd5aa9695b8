-- Unqualified columns (drizzle-kit writes table and column): these checks go down to the partitions too.
ALTER TABLE "usage_events" DROP CONSTRAINT "usage_events_outcome";--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "corrects" uuid;--> statement-breakpoint
ALTER TABLE "usage_events" ADD CONSTRAINT "usage_events_corrects" CHECK (("corrects" is not null) = ("outcome" = 'corrected'));--> statement-breakpoint
ALTER TABLE "usage_events" ADD CONSTRAINT "usage_events_tokens" CHECK ("corrects" is not null or ("input_tokens" >= 0 and "cached_input_tokens" >= 0 and "output_tokens" >= 0));--> statement-breakpoint
ALTER TABLE "usage_events" ADD CONSTRAINT "usage_events_outcome" CHECK ("outcome" in ('completed', 'client_closed', 'upstream_error', 'limit_reached', 'cut_off', 'expired', 'corrected'));--> statement-breakpoint
-- The ledger is append-only, so old events go as whole months: every partition that ended before the given time, and
-- the default one when all of it is older. Waits two seconds for a lock at most; the next sweep tries again.
CREATE FUNCTION "drop_usage_partitions"("before" timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  part record;
  dropped integer := 0;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'usage_events'::regclass AND c.relname ~ '^usage_events_[0-9]{4}_[0-9]{2}$'
      AND (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= before
  LOOP
    EXECUTE format('DROP TABLE %I', part.relname);
    dropped := dropped + 1;
  END LOOP;
  IF EXISTS (SELECT FROM usage_events_default)
    AND NOT EXISTS (SELECT FROM usage_events_default WHERE occurred_at >= before) THEN
    TRUNCATE usage_events_default;
    dropped := dropped + 1;
  END IF;
  RETURN dropped;
END $$;

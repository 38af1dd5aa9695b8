-- migrate: batches
WITH "batch" AS (
  SELECT * FROM boxes b WHERE NOT EXISTS (SELECT FROM box_health h WHERE h.box_id = b.id) ORDER BY id LIMIT 500
)
INSERT INTO box_health (box_id, state, unhealthy_since, code, reason, last_seen_at, container_restarts, auto_restarts,
    auto_restarted_at, told_at, drift_repairs, drift_repaired_at)
  SELECT id, health::health_state, unhealthy_since, health_code_of(health_code), CASE WHEN status = 'active' THEN status_reason END,
    last_seen_at, container_restarts, auto_restarts, auto_restarted_at, trouble_told_at, drift_repairs, drift_repaired_at
  FROM "batch" ON CONFLICT (box_id) DO NOTHING;
--> statement-breakpoint
WITH "batch" AS (
  SELECT * FROM boxes b WHERE NOT EXISTS (SELECT FROM box_rollouts r WHERE r.box_id = b.id) ORDER BY id LIMIT 500
)
INSERT INTO box_rollouts (box_id, first, outdated)
  SELECT id, first_in_rollouts, outdated FROM "batch" ON CONFLICT (box_id) DO NOTHING;

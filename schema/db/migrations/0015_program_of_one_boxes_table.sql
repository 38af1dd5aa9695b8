-- migrate: statements, contract
-- No program writes a box's health and rollout into "boxes" any more.
DROP TRIGGER IF EXISTS "boxes_bring_new" ON "boxes";
--> statement-breakpoint
DROP TRIGGER IF EXISTS "boxes_bring_parts" ON "boxes";
--> statement-breakpoint
DROP TRIGGER IF EXISTS "box_health_bring" ON "box_health";
--> statement-breakpoint
DROP TRIGGER IF EXISTS "box_rollouts_bring" ON "box_rollouts";
--> statement-breakpoint
DROP FUNCTION IF EXISTS "bring_box_parts"(), "bring_box_health"(), "bring_box_rollouts"(), "health_code_of"(text);

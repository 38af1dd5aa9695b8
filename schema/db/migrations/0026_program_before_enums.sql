-- migrate: statements, contract
DROP TRIGGER IF EXISTS "clusters_accept" ON "clusters";
--> statement-breakpoint
DROP FUNCTION IF EXISTS "keep_accepts_boxes"();
--> statement-breakpoint
DROP CAST IF EXISTS (text AS "pool_result");

-- migrate: statements, contract
DROP CAST IF EXISTS ("health_code" AS text);
--> statement-breakpoint
DROP TYPE IF EXISTS "health_code";

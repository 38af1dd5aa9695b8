ALTER TABLE "proxy_tokens" ADD COLUMN "label" text;--> statement-breakpoint
CREATE INDEX "proxy_tokens_expires_at_idx" ON "proxy_tokens" USING btree ("expires_at") WHERE "proxy_tokens"."status" <> 'revoked';--> statement-breakpoint
ALTER TABLE "proxy_tokens" ADD CONSTRAINT "proxy_tokens_label" CHECK (length("proxy_tokens"."label") between 1 and 100);--> statement-breakpoint
ALTER TABLE "proxy_tokens" ADD CONSTRAINT "proxy_tokens_retiring" CHECK ("proxy_tokens"."status" <> 'retiring' or "proxy_tokens"."expires_at" is not null);--> statement-breakpoint
-- A token's way is one-way: a revoked one never works again.
INSERT INTO "state_transitions" ("machine", "from_state", "to_state") VALUES
  ('token', 'active', 'retiring'),
  ('token', 'active', 'revoked'),
  ('token', 'retiring', 'revoked');
--> statement-breakpoint
CREATE TRIGGER "proxy_tokens_transition" BEFORE UPDATE OF "status" ON "proxy_tokens"
  FOR EACH ROW EXECUTE FUNCTION "check_transition"('token');

-- migrate: statements, contract
-- Identities say who is who; an address of a customer is only where we write to.
DROP TRIGGER IF EXISTS "customers_identity" ON "customers";
--> statement-breakpoint
DROP FUNCTION IF EXISTS "identity_of_new_customer"();
--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "customers_email_key";

-- migrate: batches
WITH "batch" AS (
  SELECT id, email, created_at FROM customers c WHERE email IS NOT NULL AND deleted_at IS NULL
    AND NOT EXISTS (SELECT FROM identities i WHERE i.kind = 'email' AND i.subject = c.email)
  ORDER BY id LIMIT 500
)
INSERT INTO identities (id, customer_id, kind, subject, created_at)
  SELECT gen_random_uuid(), id, 'email', email, created_at FROM "batch" ON CONFLICT (kind, subject) DO NOTHING;

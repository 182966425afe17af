-- The relay that publishes a row holds it until then, in milliseconds since 1970; null: nobody
-- has taken it yet.
ALTER TABLE outbox ADD COLUMN claimed_until INTEGER;

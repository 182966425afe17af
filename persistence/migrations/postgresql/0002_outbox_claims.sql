-- The relay that publishes a row holds it until then, in milliseconds since 1970; null: nobody
-- has taken it yet.
ALTER TABLE outbox ADD COLUMN claimed_until BIGINT;

-- A row lives for milliseconds: inserted, taken, deleted. Half of each page is left for the
-- second version of its rows, and what is dead is swept before it piles up.
ALTER TABLE outbox SET (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 1000000
);

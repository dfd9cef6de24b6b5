-- upkeep: one row per thing that ingest has to do later, or did last.
CREATE TABLE IF NOT EXISTS upkeep (name VARCHAR, first_at TIMESTAMPTZ, last_at TIMESTAMPTZ);
COMMENT ON TABLE upkeep IS 'One row per thing that ingest has to do later, or did last. For ingest only; may change.';
COMMENT ON COLUMN upkeep.name IS 'news: earlier DLRs may match messages of this span; passed: all leftovers were tried then; kept: outcomes before then are kept.';
COMMENT ON COLUMN upkeep.first_at IS 'The time, or the first one.';
COMMENT ON COLUMN upkeep.last_at IS 'The last one.';

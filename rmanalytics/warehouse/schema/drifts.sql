-- drifts: one row per message that had, or may have had, another time as of an earlier moment.
CREATE TABLE IF NOT EXISTS drifts (
    id VARCHAR, planned_at TIMESTAMPTZ, earliest_at TIMESTAMPTZ, latest_at TIMESTAMPTZ
);
COMMENT ON TABLE drifts IS 'One row per message that may have had another time as of an earlier moment. For outcomes only; may change.';
COMMENT ON COLUMN drifts.id IS 'Id of the message, as in outcomes.';
COMMENT ON COLUMN drifts.planned_at IS 'Its time as of now.';
COMMENT ON COLUMN drifts.earliest_at IS 'The earliest of the times it may have had.';
COMMENT ON COLUMN drifts.latest_at IS 'The latest of them.';

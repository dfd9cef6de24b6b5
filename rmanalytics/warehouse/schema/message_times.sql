-- message_times: one row per message, ours or of DLRs alone: where in time its rows lie.
CREATE TABLE IF NOT EXISTS message_times (
    key UBIGINT, planned_at TIMESTAMPTZ, message_at TIMESTAMPTZ, submitted_at TIMESTAMPTZ, received_at TIMESTAMPTZ
);
COMMENT ON TABLE message_times IS 'One row per message, ours or of DLRs alone: when it was. For ingest only; may change.';
COMMENT ON COLUMN message_times.key IS 'Lower half of the MD5 of its id: a number is looked up ten times as fast as a text.';
COMMENT ON COLUMN message_times.planned_at IS 'As in outcomes: the first of the next three that is not null.';
COMMENT ON COLUMN message_times.message_at IS 'planned_at in messages.';
COMMENT ON COLUMN message_times.submitted_at IS 'Where only DLRs tell of it: their earliest submitted_at.';
COMMENT ON COLUMN message_times.received_at IS 'Where these have none: their earliest received_at.';

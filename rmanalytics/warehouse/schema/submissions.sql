-- submissions: one row per attempt to hand one message over.
CREATE TABLE IF NOT EXISTS submissions (
    attempt_id VARCHAR, message_id VARCHAR, batch_id VARCHAR, gateway VARCHAR, attempted_at TIMESTAMPTZ,
    answered_at TIMESTAMPTZ, http_status INTEGER, code VARCHAR, result VARCHAR, gateway_message_id VARCHAR,
    detail VARCHAR, imported_at TIMESTAMPTZ, planned_at TIMESTAMPTZ
);
COMMENT ON TABLE submissions IS 'One row per attempt to hand one message over.';
COMMENT ON COLUMN submissions.attempt_id IS 'The request; messages that shared it share the id.';
COMMENT ON COLUMN submissions.message_id IS 'The message, as in messages.';
COMMENT ON COLUMN submissions.batch_id IS 'The batch, as in messages.';
COMMENT ON COLUMN submissions.gateway IS 'Who was asked to take it.';
COMMENT ON COLUMN submissions.attempted_at IS 'Just before the request left.';
COMMENT ON COLUMN submissions.answered_at IS 'When the answer was in; null while there is none.';
COMMENT ON COLUMN submissions.http_status IS 'HTTP status of the answer.';
COMMENT ON COLUMN submissions.code IS 'The gateway''s submit code, such as 1701.';
COMMENT ON COLUMN submissions.result IS 'accepted, refused, unclear (may have been sent) or unsent.';
COMMENT ON COLUMN submissions.gateway_message_id IS 'The gateway''s id of the message.';
COMMENT ON COLUMN submissions.detail IS 'The reason in words.';
COMMENT ON COLUMN submissions.imported_at IS 'When the import was accepted that the row comes from; null: our own attempt.';
COMMENT ON COLUMN submissions.planned_at IS 'planned_at of its message; null while messages does not have it.';

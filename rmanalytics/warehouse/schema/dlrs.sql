-- dlrs: one row per statement of a callback about one message.
CREATE TABLE IF NOT EXISTS dlrs (
    callback_id VARCHAR, position INTEGER, gateway VARCHAR, message_id VARCHAR, matched_by VARCHAR,
    gateway_message_id VARCHAR, client_message_id VARCHAR, msisdn VARCHAR, header VARCHAR, raw_status VARCHAR,
    status VARCHAR, error_code VARCHAR, submitted_at TIMESTAMPTZ, done_at TIMESTAMPTZ, received_at TIMESTAMPTZ,
    cost DOUBLE, charge DOUBLE, mcc_mnc VARCHAR, tag VARCHAR, udf1 VARCHAR, udf2 VARCHAR,
    is_time_unread BOOLEAN, imported_at TIMESTAMPTZ, planned_at TIMESTAMPTZ
);
COMMENT ON TABLE dlrs IS 'One row per statement of a callback about one message.';
COMMENT ON COLUMN dlrs.callback_id IS 'The callback it stood in.';
COMMENT ON COLUMN dlrs.position IS 'Place in that callback, from 0.';
COMMENT ON COLUMN dlrs.gateway IS 'The gateway named in the callback''s path.';
COMMENT ON COLUMN dlrs.message_id IS 'The message it is about; null: nobody''s.';
COMMENT ON COLUMN dlrs.matched_by IS 'gateway_message_id, message_id, udf1, udf2, tag, gateway_message_id_normalised or msisdn_header_window (low confidence).';
COMMENT ON COLUMN dlrs.gateway_message_id IS 'The gateway''s id of the message (sMessageId).';
COMMENT ON COLUMN dlrs.client_message_id IS 'Our id, where the gateway sends it back under its own name (msgid).';
COMMENT ON COLUMN dlrs.msisdn IS 'Recipient, digits only.';
COMMENT ON COLUMN dlrs.header IS 'Header (sender id).';
COMMENT ON COLUMN dlrs.raw_status IS 'The gateway''s own word.';
COMMENT ON COLUMN dlrs.status IS 'delivered, failed, queued or unknown.';
COMMENT ON COLUMN dlrs.error_code IS 'The gateway''s or operator''s code; null for 0, 000, empty and NULL.';
COMMENT ON COLUMN dlrs.submitted_at IS 'dtSubmit, read in the configured time zone.';
COMMENT ON COLUMN dlrs.done_at IS 'dtDone, read in the configured time zone.';
COMMENT ON COLUMN dlrs.received_at IS 'When the callback arrived; of an import, the export''s own received_at, else when it was imported.';
COMMENT ON COLUMN dlrs.cost IS 'Cost of one segment, in the account''s currency.';
COMMENT ON COLUMN dlrs.charge IS 'Total charged for the message.';
COMMENT ON COLUMN dlrs.mcc_mnc IS 'Mobile country and network code.';
COMMENT ON COLUMN dlrs.tag IS 'Tag of the submission (sTagName), usually the campaign.';
COMMENT ON COLUMN dlrs.udf1 IS 'User-defined field 1.';
COMMENT ON COLUMN dlrs.udf2 IS 'User-defined field 2.';
COMMENT ON COLUMN dlrs.is_time_unread IS 'Whether it gives a time that could not be read; the raw text is in `callbacks`.';
COMMENT ON COLUMN dlrs.imported_at IS 'When the import was accepted that the row comes from; null: a callback.';
COMMENT ON COLUMN dlrs.planned_at IS 'planned_at of its message, as in outcomes; of a DLR without any id, the time it names.';

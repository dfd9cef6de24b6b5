-- messages: one row per message that a batch or an import planned.
CREATE TABLE IF NOT EXISTS messages (
    message_id VARCHAR, campaign_id VARCHAR, batch_id VARCHAR, gateway VARCHAR, route VARCHAR, msisdn VARCHAR,
    header VARCHAR, entity_id VARCHAR, template_id VARCHAR, template_variables VARCHAR[], body VARCHAR,
    encoding VARCHAR, n_segments INTEGER, planned_at TIMESTAMPTZ, line INTEGER,
    imported_at TIMESTAMPTZ
);
COMMENT ON TABLE messages IS 'One row per message that a batch or an import planned.';
COMMENT ON COLUMN messages.message_id IS 'Our id of the message, CleverTap''s $$MessageID.';
COMMENT ON COLUMN messages.campaign_id IS 'Campaign, CleverTap''s $$CampaignID.';
COMMENT ON COLUMN messages.batch_id IS 'What one send took in; made from the content of the batch file.';
COMMENT ON COLUMN messages.gateway IS 'Who the message was planned for, such as route_mobile; simulator where nothing was really sent.';
COMMENT ON COLUMN messages.route IS 'domestic (India, DLT applies) or international.';
COMMENT ON COLUMN messages.msisdn IS 'Recipient in E.164 digits without plus.';
COMMENT ON COLUMN messages.header IS 'Header (sender id).';
COMMENT ON COLUMN messages.entity_id IS 'DLT principal entity id.';
COMMENT ON COLUMN messages.template_id IS 'DLT template id.';
COMMENT ON COLUMN messages.template_variables IS 'Values of the template''s variables in order, as the batch gave them.';
COMMENT ON COLUMN messages.body IS 'Text of the message.';
COMMENT ON COLUMN messages.encoding IS 'gsm7 or ucs2: how the body travels over the air.';
COMMENT ON COLUMN messages.n_segments IS 'Parts that the body takes over the air, each billed.';
COMMENT ON COLUMN messages.planned_at IS 'When the message was planned.';
COMMENT ON COLUMN messages.line IS 'Line of the batch file that the message came from.';
COMMENT ON COLUMN messages.imported_at IS 'When the import was accepted that the row comes from; null: a batch.';

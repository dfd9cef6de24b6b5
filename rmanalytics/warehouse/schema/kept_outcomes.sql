-- kept_outcomes: one row per message of closed days, as outcomes had it when its last row came.
CREATE TABLE IF NOT EXISTS kept_outcomes (
    message_id VARCHAR, campaign_id VARCHAR, state VARCHAR, error_code VARCHAR, final_at TIMESTAMPTZ,
    latency_s DOUBLE, n_dlrs BIGINT, has_conflict BOOLEAN, batch_id VARCHAR, gateway VARCHAR, route VARCHAR,
    msisdn VARCHAR, header VARCHAR, entity_id VARCHAR, template_id VARCHAR, body VARCHAR, encoding VARCHAR,
    n_segments INTEGER, planned_at TIMESTAMPTZ, submit_result VARCHAR, submit_code VARCHAR,
    submitted_at TIMESTAMPTZ, gateway_message_id VARCHAR, raw_status VARCHAR, mcc_mnc VARCHAR, cost DOUBLE,
    charge DOUBLE, is_latency_negative BOOLEAN, is_dlr_only BOOLEAN, is_simulated BOOLEAN, known_at TIMESTAMPTZ
);
COMMENT ON TABLE kept_outcomes IS 'One row per message of closed days, as in outcomes, without what depends on the time of the query. For outcomes only; may change.';
COMMENT ON COLUMN kept_outcomes.known_at IS 'When the last of what it is made of was known: from then on it is so.';
COMMENT ON COLUMN kept_outcomes.message_id IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.campaign_id IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.state IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.error_code IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.final_at IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.latency_s IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.n_dlrs IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.has_conflict IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.batch_id IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.gateway IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.route IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.msisdn IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.header IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.entity_id IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.template_id IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.body IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.encoding IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.n_segments IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.planned_at IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.submit_result IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.submit_code IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.submitted_at IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.gateway_message_id IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.raw_status IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.mcc_mnc IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.cost IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.charge IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.is_latency_negative IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.is_dlr_only IS 'As in outcomes.';
COMMENT ON COLUMN kept_outcomes.is_simulated IS 'As in outcomes.';

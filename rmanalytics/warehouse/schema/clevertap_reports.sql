-- clevertap_reports: one row per campaign, day and provider of CleverTap''s campaign report.
CREATE TABLE IF NOT EXISTS clevertap_reports (
    campaign_id VARCHAR, campaign_name VARCHAR, day DATE, provider VARCHAR, channel VARCHAR, status VARCHAR, n_sent BIGINT, n_delivered BIGINT, n_errors BIGINT, n_clicked BIGINT, other VARCHAR, imported_at TIMESTAMPTZ
);
COMMENT ON TABLE clevertap_reports IS 'One row per campaign, day and provider of CleverTap''s campaign report.';
COMMENT ON COLUMN clevertap_reports.campaign_id IS 'CleverTap''s campaign id.';
COMMENT ON COLUMN clevertap_reports.campaign_name IS 'Its name.';
COMMENT ON COLUMN clevertap_reports.day IS 'Day that the numbers are of; null: the whole campaign.';
COMMENT ON COLUMN clevertap_reports.provider IS 'Provider as CleverTap names it.';
COMMENT ON COLUMN clevertap_reports.channel IS 'Channel, such as SMS.';
COMMENT ON COLUMN clevertap_reports.status IS 'CleverTap''s word for the campaign''s state.';
COMMENT ON COLUMN clevertap_reports.n_sent IS 'Sent by CleverTap: its request was answered with HTTP 2xx.';
COMMENT ON COLUMN clevertap_reports.n_delivered IS 'Delivered, as far as callbacks told CleverTap.';
COMMENT ON COLUMN clevertap_reports.n_errors IS 'Errors: of the dispatch, and of the provider where callbacks are set up.';
COMMENT ON COLUMN clevertap_reports.n_clicked IS 'Clicks.';
COMMENT ON COLUMN clevertap_reports.other IS 'The report''s other columns as a JSON object, such as one per error.';
COMMENT ON COLUMN clevertap_reports.imported_at IS 'When the import was accepted that the row comes from.';

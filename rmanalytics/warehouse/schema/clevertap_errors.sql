-- clevertap_errors: one row per error that CleverTap lists for a campaign at a time.
CREATE TABLE IF NOT EXISTS clevertap_errors (
    campaign_id VARCHAR, occurred_at TIMESTAMPTZ, provider VARCHAR, error VARCHAR, category VARCHAR, n_errors BIGINT, imported_at TIMESTAMPTZ
);
COMMENT ON TABLE clevertap_errors IS 'One row per error that CleverTap lists for a campaign at a time.';
COMMENT ON COLUMN clevertap_errors.campaign_id IS 'CleverTap''s campaign id.';
COMMENT ON COLUMN clevertap_errors.occurred_at IS 'When the error was, as far as the export says.';
COMMENT ON COLUMN clevertap_errors.provider IS 'Provider as CleverTap names it.';
COMMENT ON COLUMN clevertap_errors.error IS 'CleverTap''s own words.';
COMMENT ON COLUMN clevertap_errors.category IS 'authentication, payload, timeout or other, by words in the error.';
COMMENT ON COLUMN clevertap_errors.n_errors IS 'How often it occurred; 1 when the export has a row per error.';
COMMENT ON COLUMN clevertap_errors.imported_at IS 'When the import was accepted that the row comes from.';

-- translations: one row per setting by which DLRs are read.
CREATE TABLE IF NOT EXISTS translations (setting VARCHAR PRIMARY KEY, value VARCHAR);
COMMENT ON TABLE translations IS 'One row per setting by which DLRs are read. For ingest only; may change.';
COMMENT ON COLUMN translations.setting IS 'Environment variable of the setting.';
COMMENT ON COLUMN translations.value IS 'Its value when the first DLRs were read, of a file its digest.';

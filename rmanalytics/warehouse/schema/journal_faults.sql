-- journal_faults: one row per whole journal line that could not be read.
CREATE TABLE IF NOT EXISTS journal_faults (segment VARCHAR, byte_offset BIGINT, reason VARCHAR);
COMMENT ON TABLE journal_faults IS 'One row per whole journal line that could not be read; the line stays in its segment.';
COMMENT ON COLUMN journal_faults.segment IS 'File name of the segment.';
COMMENT ON COLUMN journal_faults.byte_offset IS 'Where the line begins.';
COMMENT ON COLUMN journal_faults.reason IS 'What is wrong with it.';

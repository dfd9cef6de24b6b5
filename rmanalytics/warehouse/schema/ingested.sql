-- ingested: one row per journal segment, how far it has been taken in.
CREATE TABLE IF NOT EXISTS ingested (segment VARCHAR PRIMARY KEY, next_offset BIGINT, n_lines BIGINT, ingested_at TIMESTAMPTZ);
COMMENT ON TABLE ingested IS 'One row per journal segment, how far it has been taken in.';
COMMENT ON COLUMN ingested.segment IS 'File name of the segment.';
COMMENT ON COLUMN ingested.next_offset IS 'Offset in bytes of the first line not taken in.';
COMMENT ON COLUMN ingested.n_lines IS 'Lines taken in, malformed ones included.';
COMMENT ON COLUMN ingested.ingested_at IS 'When that was.';

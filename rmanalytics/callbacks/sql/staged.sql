-- staged: one row per journal line of the stream `callbacks`.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT byte_offset, record.*, record.callback_id IS NOT NULL AND record.received_at IS NOT NULL AS is_good
FROM (SELECT byte_offset, CASE WHEN json_valid(line) THEN json_transform(line, $columns) END AS record FROM lines)

-- staged: one row per journal line of the stream `callbacks`.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT byte_offset, record.*, record.callback_id IS NOT NULL AND record.received_at IS NOT NULL AS is_good
FROM (SELECT byte_offset, CASE WHEN json_valid(line) THEN json_transform(line, '{
    "callback_id": "VARCHAR", "received_at": "TIMESTAMPTZ", "gateway": "VARCHAR", "method": "VARCHAR",
    "query": "VARCHAR", "content_type": "VARCHAR", "body": "VARCHAR"}') END AS record FROM lines)

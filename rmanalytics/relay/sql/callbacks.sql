-- staged: one row per callback of the chunk that may be relayed.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT record.*
FROM (SELECT CASE WHEN json_valid(line) THEN json_transform(line, '{
    "callback_id": "VARCHAR", "received_at": "TIMESTAMPTZ", "gateway": "VARCHAR", "method": "VARCHAR",
    "query": "VARCHAR", "content_type": "VARCHAR", "body": "VARCHAR"}') END AS record FROM lines)
WHERE record.callback_id IS NOT NULL AND record.received_at IS NOT NULL
    AND ($since IS NULL OR record.received_at >= $since)

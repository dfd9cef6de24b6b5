-- staged: one row per callback of the chunk that may be relayed.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT record.*
FROM (SELECT CASE WHEN json_valid(line) THEN json_transform(line, $columns) END AS record FROM lines)
WHERE record.callback_id IS NOT NULL AND record.received_at IS NOT NULL
    AND ($since IS NULL OR record.received_at >= $since)

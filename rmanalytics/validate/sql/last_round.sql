-- One row: the mark of the round of a batch that was attempted last; see `ROUND`.
SELECT regexp_extract(message_id, $round, 1)
FROM warehouse.submissions
WHERE batch_id = $batch_id AND ($as_of::TIMESTAMPTZ IS NULL OR attempted_at <= $as_of)
ORDER BY attempted_at DESC
LIMIT 1

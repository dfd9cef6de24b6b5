-- Grain: one row per message of a batch's round, as far as it was planned at a time.
SELECT *
FROM warehouse.messages
WHERE batch_id = $batch_id
    AND regexp_extract(message_id, $round, 1) = $mark
    AND ($campaign_id::VARCHAR IS NULL OR campaign_id = $campaign_id)
    AND ($as_of::TIMESTAMPTZ IS NULL OR planned_at <= $as_of)

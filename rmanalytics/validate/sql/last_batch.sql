-- One row: the batch that was attempted last, else planned last; imports behind what was sent from here.
WITH planned AS (
    SELECT batch_id, max(planned_at) AS planned_at, bool_and(imported_at IS NOT NULL) AS is_import
    FROM warehouse.messages
    WHERE ($as_of::TIMESTAMPTZ IS NULL OR planned_at <= $as_of)
        AND ($campaign_id::VARCHAR IS NULL OR campaign_id = $campaign_id)
        AND ($since::TIMESTAMPTZ IS NULL OR planned_at >= $since)
        AND ($until::TIMESTAMPTZ IS NULL OR planned_at < $until)
    GROUP BY batch_id
), tried AS (
    SELECT batch_id, max(attempted_at) AS tried_at
    FROM warehouse.submissions
    WHERE $as_of::TIMESTAMPTZ IS NULL OR attempted_at <= $as_of
    GROUP BY batch_id
)
SELECT batch_id
FROM planned LEFT JOIN tried USING (batch_id)
ORDER BY is_import, coalesce(tried_at, planned_at) DESC, batch_id
LIMIT 1

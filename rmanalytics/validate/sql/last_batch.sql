-- One row: the batch that was attempted last, else planned last; imports behind what was sent from here.
-- Each part stops at its latest row, so that the answer costs the same after years.
WITH planned AS (
    SELECT batch_id, planned_at AS last_at, imported_at IS NOT NULL AS is_import
    FROM warehouse.messages
    WHERE ($as_of::TIMESTAMPTZ IS NULL OR planned_at <= $as_of)
        AND ($campaign_id::VARCHAR IS NULL OR campaign_id = $campaign_id)
        AND ($since::TIMESTAMPTZ IS NULL OR planned_at >= $since)
        AND ($until::TIMESTAMPTZ IS NULL OR planned_at < $until)
), tried AS (
    SELECT batch_id, attempted_at AS last_at, imported_at IS NOT NULL AS is_import
    FROM warehouse.submissions
    WHERE ($as_of::TIMESTAMPTZ IS NULL OR attempted_at <= $as_of)
        AND {is_wanted}
)
SELECT batch_id
FROM (
    (FROM tried WHERE NOT is_import ORDER BY last_at DESC, batch_id LIMIT 1)
    UNION ALL (FROM planned WHERE NOT is_import ORDER BY last_at DESC, batch_id LIMIT 1)
    UNION ALL (FROM tried WHERE is_import ORDER BY last_at DESC, batch_id LIMIT 1)
    UNION ALL (FROM planned WHERE is_import ORDER BY last_at DESC, batch_id LIMIT 1)
)
ORDER BY is_import, last_at DESC, batch_id
LIMIT 1

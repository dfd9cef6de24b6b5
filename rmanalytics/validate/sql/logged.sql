-- Grain: one row per cause and text of CleverTap's log, the most frequent first. An error without a time counts as of
-- its import, a bare date as its whole day: it reads as one of the days' beginnings.
SELECT category, coalesce(error, '') AS text, sum(coalesce(n_errors, 1))::BIGINT AS n, min(occurred_at) AS at
FROM log
WHERE ($campaign_id::VARCHAR IS NULL OR campaign_id = $campaign_id)
    AND (
        $since::TIMESTAMPTZ IS NULL
        OR coalesce(occurred_at, imported_at) >= $since
        OR coalesce(occurred_at, imported_at) IN $days
    )
GROUP BY category, error
ORDER BY n DESC, text
LIMIT 50

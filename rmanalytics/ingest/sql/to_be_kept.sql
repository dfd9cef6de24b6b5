-- One row per step: the time before which outcomes are kept after it, in order. By hours, for a campaign may be a day's
-- millions.
SELECT max(hour) + INTERVAL 1 HOUR AS until
FROM (
    SELECT hour, sum(n) OVER (ORDER BY hour) // $slice AS step
    FROM (
        SELECT time_bucket(INTERVAL 1 HOUR, planned_at) AS hour, count(*) AS n
        FROM message_times
        WHERE planned_at < $until
            AND planned_at >= coalesce((SELECT max(first_at) FROM upkeep WHERE name = 'kept'), '-infinity'::TIMESTAMPTZ)
        GROUP BY hour
    )
)
GROUP BY step ORDER BY until

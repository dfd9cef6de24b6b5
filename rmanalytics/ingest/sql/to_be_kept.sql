-- One row per step: the time before which outcomes are kept after it, in order.
SELECT max(day) + INTERVAL 1 DAY AS until
FROM (
    SELECT day, sum(n) OVER (ORDER BY day) // $slice AS step
    FROM (
        SELECT time_bucket(INTERVAL 1 DAY, planned_at) AS day, count(*) AS n
        FROM message_times
        WHERE planned_at < $until
            AND planned_at >= coalesce((SELECT max(first_at) FROM upkeep WHERE name = 'kept'), '-infinity'::TIMESTAMPTZ)
        GROUP BY day
    )
)
GROUP BY step ORDER BY until

-- Grain: one row per quarter hours by which DLRs' dtSubmit is off our own submission, the most frequent first.
SELECT round(seconds / 900)::BIGINT * 15 AS minutes, count(*) AS n, median(seconds) AS median_s
FROM (
    SELECT epoch(d.submitted_at) - epoch(o.submitted_at) AS seconds
    FROM dlrs d JOIN outcomes o USING (message_id)
    WHERE d.submitted_at IS NOT NULL AND o.submitted_at IS NOT NULL
)
GROUP BY minutes
ORDER BY n DESC, minutes
LIMIT 50

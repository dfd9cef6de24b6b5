-- Grain: one row per word of the gateway, the most frequent first.
SELECT raw_status, status, count(*) AS n
FROM dlrs
WHERE told_id IS NOT NULL
GROUP BY raw_status, status
ORDER BY n DESC, raw_status
LIMIT 50

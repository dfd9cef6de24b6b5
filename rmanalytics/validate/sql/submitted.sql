-- Grain: one row per best submit response, the most frequent first, with the first message that had it.
SELECT
    result,
    code,
    http_status,
    count(DISTINCT message_id) AS n,
    min(attempted_at) AS at,
    coalesce(first(o.msisdn ORDER BY attempted_at), '') AS msisdn,
    first(detail ORDER BY attempted_at) AS detail
FROM submissions JOIN outcomes o USING (message_id)
WHERE result = submit_result AND code IS NOT DISTINCT FROM submit_code
GROUP BY result, code, http_status
ORDER BY n DESC, result, code
LIMIT 50

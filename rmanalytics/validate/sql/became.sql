-- Grain: one row per state, code, header and template, the most frequent first, with the first message of it.
SELECT
    state,
    error_code,
    header,
    template_id,
    count(*) AS n,
    count(*) FILTER (WHERE is_overdue) AS n_overdue,
    min(coalesce(final_at, submitted_at)) AS at,
    coalesce(first(msisdn ORDER BY coalesce(final_at, submitted_at)), min(msisdn), '') AS msisdn
FROM outcomes
GROUP BY state, error_code, header, template_id
ORDER BY n DESC, state, error_code, header, template_id

-- Grain: one row per template and reason, the most frequent first, with the mismatch of one message and its text around.
WITH mismatched AS (
    SELECT
        c.*,
        coalesce(substring(body, greatest(c.position - 15, 0) + 1, least(c.position, 15)), '') AS before,
        coalesce(substring(body, c.position + length(c.actual) + 1, 15), '') AS after
    FROM template_checks c LEFT JOIN part_messages m USING (message_id)
    WHERE NOT ok
)
SELECT
    template_id,
    reason,
    count(*) AS n,
    first(expected ORDER BY message_id) AS expected,
    first(actual ORDER BY message_id) AS actual,
    first(position ORDER BY message_id) AS position,
    first(before ORDER BY message_id) AS before,
    first(after ORDER BY message_id) AS after,
    first(fits_template_id ORDER BY message_id) AS fits
FROM mismatched
GROUP BY template_id, reason
ORDER BY n DESC, template_id, reason
LIMIT 50

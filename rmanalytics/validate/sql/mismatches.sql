-- Grain: one row per template and reason, the most frequent first, with the mismatch of one message.
SELECT
    template_id,
    reason,
    count(*) AS n,
    first(expected ORDER BY message_id) AS expected,
    first(actual ORDER BY message_id) AS actual
FROM template_checks
WHERE NOT ok
GROUP BY template_id, reason
ORDER BY n DESC, template_id, reason
LIMIT 50

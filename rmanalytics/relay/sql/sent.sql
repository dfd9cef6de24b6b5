-- Grain: one row per accepted message of the chunk whose id is a meta: its gateway_message_id and that meta.
SELECT DISTINCT response.gateway_message_id, response.message_id
FROM (
    SELECT unnest(record.responses) AS response
    FROM (SELECT CASE WHEN json_valid(line) THEN json_transform(line, $columns) END AS record FROM lines)
)
WHERE response.gateway_message_id IS NOT NULL AND regexp_full_match(response.message_id, $pattern)

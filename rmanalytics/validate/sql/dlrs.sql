-- Grain: one row per DLR about a judged message, `told_id`, or about none that is known, received since they were sent.
SELECT *, coalesce(message_id, gateway_message_id) AS told_id
FROM part_dlrs
WHERE told_id IN (SELECT message_id FROM outcomes)
UNION ALL
SELECT *, NULL
FROM warehouse.dlrs
WHERE message_id IS NULL
    AND received_at >= $since
    AND ($as_of::TIMESTAMPTZ IS NULL OR received_at <= $as_of)
    AND (gateway_message_id IS NULL OR gateway_message_id NOT IN (SELECT message_id FROM outcomes))

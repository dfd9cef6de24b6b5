-- One row per unmatched DLR that carries our own id where the gateway's stands, or under our own name.
SELECT d.rid, min(m.message_id) AS message_id
FROM (
    SELECT rid, received_at, gateway_message_id AS id FROM unmatched
    UNION ALL
    SELECT rid, received_at, client_message_id FROM unmatched
) d JOIN near_messages m ON m.message_id = d.id
WHERE is_near(m.planned_at, d.received_at)
GROUP BY d.rid HAVING min(m.message_id) = max(m.message_id)

-- One row per unmatched DLR that carries our own id where the gateway's stands, or under our own name.
SELECT d.rid, min(m.message_id) AS message_id
FROM (
    SELECT rid, gateway_message_id AS id FROM unmatched
    UNION ALL
    SELECT rid, client_message_id FROM unmatched
) d JOIN messages m ON m.message_id = d.id
GROUP BY d.rid HAVING min(m.message_id) = max(m.message_id)

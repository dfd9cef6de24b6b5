-- One row per unmatched DLR whose id is the one that the gateway gave at submission.
SELECT d.rid, min(s.message_id) AS message_id
FROM unmatched d JOIN submissions s ON s.gateway_message_id = d.gateway_message_id
GROUP BY d.rid HAVING min(s.message_id) = max(s.message_id)

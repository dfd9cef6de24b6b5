-- One row per unmatched DLR whose id is the one that the gateway gave at submission.
SELECT d.rid, min(s.message_id) AS message_id
FROM unmatched d JOIN near_submissions s ON s.gateway_message_id = d.gateway_message_id
WHERE is_near(s.attempted_at, d.received_at)
GROUP BY d.rid HAVING min(s.message_id) = max(s.message_id)

-- One row per unmatched DLR whose tag is our id of a message.
SELECT DISTINCT d.rid, m.message_id FROM unmatched d JOIN near_messages m ON m.message_id = d.tag
WHERE is_near(m.planned_at, d.received_at)

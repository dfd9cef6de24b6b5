-- One row per unmatched DLR whose udf2 is our id of a message.
SELECT DISTINCT d.rid, m.message_id FROM unmatched d JOIN near_messages m ON m.message_id = d.udf2
WHERE is_near(m.planned_at, d.received_at)

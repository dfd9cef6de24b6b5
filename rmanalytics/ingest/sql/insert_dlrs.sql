-- Each DLR with the message it is about, and when that was.
INSERT INTO dlrs BY NAME
SELECT d.*, m.message_id, m.matched_by, coalesce(p.planned_at, d.submitted_at, d.received_at) AS planned_at
FROM new_dlrs d
LEFT JOIN matches m ON m.rid = d.rowid
LEFT JOIN placed p ON p.id = coalesce(m.message_id, d.gateway_message_id)

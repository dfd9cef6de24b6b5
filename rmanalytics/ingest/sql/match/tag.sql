-- One row per unmatched DLR whose tag is our id of a message.
SELECT DISTINCT d.rid, m.message_id FROM unmatched d JOIN messages m ON m.message_id = d.tag

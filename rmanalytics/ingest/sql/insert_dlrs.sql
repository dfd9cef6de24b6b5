-- Each DLR with the message it is about.
INSERT INTO dlrs BY NAME
SELECT d.*, m.message_id, m.matched_by FROM new_dlrs d LEFT JOIN matches m ON m.rid = d.rowid

-- changed: one row per DLR that was matched again and has another message now; null where it has none.
CREATE OR REPLACE TEMP TABLE changed AS
SELECT d.rowid AS rid, m.message_id, m.matched_by
FROM (SELECT rowid, message_id, matched_by FROM dlrs WHERE {uncertain}) d
LEFT JOIN matches m ON m.rid = d.rowid
WHERE (d.message_id, d.matched_by) IS DISTINCT FROM (m.message_id, m.matched_by)

-- changed: one row per DLR that was matched again and has another message now; null where it has none.
CREATE OR REPLACE TEMP TABLE changed AS
SELECT d.rowid AS rid, m.message_id, m.matched_by, d.planned_at AS was_at,
    coalesce(d.message_id, d.gateway_message_id) AS was_id, coalesce(m.message_id, d.gateway_message_id) AS id
FROM (SELECT rowid, message_id, matched_by, gateway_message_id, planned_at FROM dlrs WHERE {uncertain}) d
LEFT JOIN matches m ON m.rid = d.rowid
WHERE (d.message_id, d.matched_by) IS DISTINCT FROM (m.message_id, m.matched_by)

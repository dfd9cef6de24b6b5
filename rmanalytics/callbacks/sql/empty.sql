-- new_dlrs: one row per DLR; `conflict` is the name of a field that has two different values in it.
-- unread: one row per callback that is set aside.
CREATE OR REPLACE TEMP TABLE new_dlrs AS
SELECT * EXCLUDE (message_id, matched_by, planned_at), NULL::VARCHAR AS conflict FROM dlrs LIMIT 0;
CREATE OR REPLACE TEMP TABLE unread (callback_id VARCHAR, reason VARCHAR)

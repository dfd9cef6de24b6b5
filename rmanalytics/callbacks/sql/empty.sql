-- new_dlrs: one row per DLR.
-- unread: one row per callback and reason, with the number of items, or of values in DLRs, that it is about.
CREATE OR REPLACE TEMP TABLE new_dlrs AS SELECT * EXCLUDE (message_id, matched_by, planned_at) FROM dlrs LIMIT 0;
CREATE OR REPLACE TEMP TABLE unread (callback_id VARCHAR, reason VARCHAR, n BIGINT)

-- candidates: one row per DLR of one reading of a callback, moved from new_dlrs.
-- unread_candidates: what was not read in it, moved from unread.
CREATE TEMP TABLE IF NOT EXISTS candidates AS SELECT *, 0 AS number FROM new_dlrs LIMIT 0;
CREATE TEMP TABLE IF NOT EXISTS unread_candidates AS SELECT *, 0 AS number FROM unread LIMIT 0;
INSERT INTO candidates SELECT *, {number} FROM new_dlrs SEMI JOIN unwrapped USING (callback_id);
INSERT INTO unread_candidates SELECT *, {number} FROM unread SEMI JOIN unwrapped USING (callback_id);
DELETE FROM new_dlrs WHERE callback_id IN (SELECT callback_id FROM unwrapped);
DELETE FROM unread WHERE callback_id IN (SELECT callback_id FROM unwrapped)

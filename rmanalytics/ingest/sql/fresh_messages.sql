-- fresh: one row per message to insert: the first plan wins, but over what an import reported.
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT DISTINCT ON (message_id) * EXCLUDE (byte_offset, is_good)
FROM staged ANTI JOIN (FROM known WHERE NOT is_import) USING (message_id)
WHERE is_good ORDER BY message_id, planned_at, byte_offset

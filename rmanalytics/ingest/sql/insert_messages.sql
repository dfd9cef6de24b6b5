-- A message that is there already is not taken in twice: the first plan stands.
INSERT INTO messages BY NAME
SELECT DISTINCT ON (message_id) * EXCLUDE (byte_offset, is_good)
FROM staged ANTI JOIN messages USING (message_id)
WHERE is_good ORDER BY message_id, planned_at, byte_offset

-- A message that is already there is not inserted again: the first plan wins.
INSERT INTO messages BY NAME
SELECT DISTINCT ON (message_id) * EXCLUDE (byte_offset, is_good)
FROM staged ANTI JOIN messages USING (message_id)
WHERE is_good ORDER BY message_id, planned_at, byte_offset

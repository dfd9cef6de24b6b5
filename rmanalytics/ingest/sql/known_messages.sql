-- known: one row per message of the chunk that the relation has, and whether an import reported it.
CREATE OR REPLACE TEMP TABLE known AS
SELECT m.message_id, m.planned_at, coalesce(m.batch_id LIKE 'import-%', false) AS is_import
FROM messages m JOIN located l ON m.planned_at = l.message_at AND m.message_id = l.id

-- One row per domestic message that has no template check yet.
SELECT m.message_id, m.template_id, m.body, m.header, m.entity_id, m.planned_at
FROM messages m ANTI JOIN template_checks c ON c.message_id = m.message_id
WHERE m.route = 'domestic'

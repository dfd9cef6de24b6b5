-- One row per domestic message that has no template check yet, with the registry of the time it was planned at.
SELECT m.message_id, m.template_id, m.body, m.header, m.entity_id, m.planned_at, r.identity AS registry
FROM messages m ANTI JOIN template_checks c ON c.message_id = m.message_id
ASOF JOIN registries r ON coalesce(m.planned_at, TIMESTAMPTZ '0001-01-01 00:00:00+00') >= r.since
WHERE m.route = 'domestic'

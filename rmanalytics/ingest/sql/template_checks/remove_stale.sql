-- Remove the checks that were made against another registry than that of the time their message was planned at.
DELETE FROM template_checks WHERE message_id NOT IN (
    SELECT m.message_id
    FROM messages m ASOF JOIN registries r ON coalesce(m.planned_at, TIMESTAMPTZ '0001-01-01 00:00:00+00') >= r.since
    JOIN template_checks c ON c.message_id = m.message_id AND c.registry = r.identity
    WHERE m.message_id IS NOT NULL
)

-- new_messages: one row per message that the import tells otherwise than the relation; a send's own plan stands.
-- Views, so that rows go from the evidence into the relation without a copy between them.
CREATE OR REPLACE TEMP TABLE last_lines AS
SELECT message_id, min(line) AS first_line, max(line) AS line FROM evidence WHERE reason IS NULL GROUP BY message_id HAVING count(*) > 1;
CREATE OR REPLACE TEMP VIEW told_messages AS
SELECT e.* FROM evidence e
WHERE reason IS NULL AND NOT EXISTS (FROM last_lines l WHERE l.message_id = e.message_id AND l.line > e.line);
CREATE OR REPLACE TEMP TABLE known_messages AS
SELECT m.* FROM messages m JOIN located l ON m.planned_at = l.message_at AND m.message_id = l.id;
CREATE OR REPLACE TEMP TABLE known_submissions AS
SELECT s.* FROM submissions s JOIN located l ON s.planned_at = l.message_at AND s.message_id = l.id
WHERE attempt_id LIKE 'import-%';
CREATE OR REPLACE TEMP VIEW new_messages AS
SELECT
    t.message_id, t.campaign_id, 'import-' || t.digest AS batch_id, t.gateway, t.route, t.msisdn,
    t.header, t.entity_id, t.template_id, t.template_variables, t.body, t.encoding, t.n_segments,
    coalesce(t.planned_at, m.planned_at, t.imported_at) AS planned_at,
    -- The first line of those that are about the message, which an earlier part of the import may have had.
    CASE WHEN m.batch_id = 'import-' || t.digest THEN m.line ELSE coalesce(l.first_line, t.line) END AS line,
    t.imported_at
FROM told_messages t LEFT JOIN known_messages m USING (message_id) LEFT JOIN last_lines l USING (message_id)
WHERE m.message_id IS NULL OR (m.batch_id LIKE 'import-%' AND m.msisdn = t.msisdn AND (
    (t.campaign_id, t.gateway, t.route, t.msisdn, t.header, t.entity_id, t.template_id, t.template_variables, t.body)
    IS DISTINCT FROM
    (m.campaign_id, m.gateway, m.route, m.msisdn, m.header, m.entity_id, m.template_id, m.template_variables, m.body)
    OR t.planned_at <> m.planned_at
));
CREATE OR REPLACE TEMP VIEW new_submissions AS
SELECT
    'import-' || t.message_id AS attempt_id, t.message_id, 'import-' || t.digest AS batch_id, t.gateway,
    coalesce(t.submitted_at, s.attempted_at, t.imported_at) AS attempted_at,
    coalesce(t.submitted_at, s.answered_at, t.imported_at) AS answered_at,
    t.code, t.result, t.gateway_message_id, 'told by an import' AS detail,
    t.imported_at,
    CASE WHEN m.message_id IS NULL OR m.batch_id LIKE 'import-%'
        THEN coalesce(t.planned_at, m.planned_at, t.imported_at) ELSE m.planned_at END AS planned_at
FROM told_messages t LEFT JOIN known_messages m USING (message_id) LEFT JOIN known_submissions s USING (message_id)
-- An id is one person's for good: what a later import tells of it with another number is left out.
WHERE t.result IS NOT NULL AND (m.batch_id NOT LIKE 'import-%' OR m.msisdn = t.msisdn) IS NOT FALSE AND (
    s.attempt_id IS NULL
    OR (t.result, t.gateway_message_id, t.code) IS DISTINCT FROM (s.result, s.gateway_message_id, s.code)
    OR t.submitted_at <> s.attempted_at
);

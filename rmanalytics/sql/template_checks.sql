-- template_checks: one row per domestic message, checked against its template.
CREATE TABLE IF NOT EXISTS template_checks (
    message_id VARCHAR, template_id VARCHAR, ok BOOLEAN, reason VARCHAR, position INTEGER, expected VARCHAR,
    actual VARCHAR
);
COMMENT ON TABLE template_checks IS 'One row per domestic message, checked against its template.';
COMMENT ON COLUMN template_checks.message_id IS 'The message, as in messages.';
COMMENT ON COLUMN template_checks.template_id IS 'The template it names.';
COMMENT ON COLUMN template_checks.ok IS 'Whether the text matches.';
COMMENT ON COLUMN template_checks.reason IS 'The kind of mismatch; null when ok.';
COMMENT ON COLUMN template_checks.position IS 'Where in the message, 0-based in code points.';
COMMENT ON COLUMN template_checks.expected IS 'What the template wants there.';
COMMENT ON COLUMN template_checks.actual IS 'What the message has there.';

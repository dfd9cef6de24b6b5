-- template_checks: one row per domestic message, checked against its template.
CREATE TABLE IF NOT EXISTS template_checks (
    message_id VARCHAR, template_id VARCHAR, ok BOOLEAN, reason VARCHAR, position INTEGER, expected VARCHAR,
    actual VARCHAR, template_position INTEGER, slot INTEGER, fix VARCHAR, n_faults INTEGER, fits_template_id VARCHAR,
    registry VARCHAR
);
COMMENT ON TABLE template_checks IS 'One row per domestic message, checked against its template.';
COMMENT ON COLUMN template_checks.message_id IS 'The message, as in messages.';
COMMENT ON COLUMN template_checks.template_id IS 'The template it names.';
COMMENT ON COLUMN template_checks.ok IS 'Whether the message matches.';
COMMENT ON COLUMN template_checks.reason IS 'The kind of the first mismatch; null when ok.';
COMMENT ON COLUMN template_checks.position IS 'Where in the message, 0-based in code points; null when it is not about the text.';
COMMENT ON COLUMN template_checks.expected IS 'What the template wants there.';
COMMENT ON COLUMN template_checks.actual IS 'What the message has there.';
COMMENT ON COLUMN template_checks.template_position IS 'Where in the registered text, 0-based in code points.';
COMMENT ON COLUMN template_checks.slot IS 'The variable it is about, counted from 1; null when it is about fixed text.';
COMMENT ON COLUMN template_checks.fix IS 'The smallest fix, in words.';
COMMENT ON COLUMN template_checks.n_faults IS 'Mismatches in the message; the columns before are about the first.';
COMMENT ON COLUMN template_checks.fits_template_id IS 'Another template that the text fits.';
COMMENT ON COLUMN template_checks.registry IS 'Which registry it was checked against: a digest of the templates known when it was planned.';

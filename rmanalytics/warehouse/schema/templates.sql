-- templates: one row per registered DLT template.
CREATE TABLE IF NOT EXISTS templates (
    template_id VARCHAR, content VARCHAR, header VARCHAR, entity_id VARCHAR, category VARCHAR,
    variable_tags VARCHAR[], status VARCHAR, links VARCHAR[], imported_at TIMESTAMPTZ
);
COMMENT ON TABLE templates IS 'One row per registered DLT template.';
COMMENT ON COLUMN templates.template_id IS 'DLT template id.';
COMMENT ON COLUMN templates.content IS 'Registered text with its placeholders.';
COMMENT ON COLUMN templates.header IS 'Headers the template is linked with, separated by a comma and a blank.';
COMMENT ON COLUMN templates.entity_id IS 'DLT principal entity id.';
COMMENT ON COLUMN templates.category IS 'Registered category.';
COMMENT ON COLUMN templates.variable_tags IS 'Types of the variables, for registries that keep them beside the text.';
COMMENT ON COLUMN templates.status IS 'Registered status.';
COMMENT ON COLUMN templates.links IS 'Whitelisted links, as far as the registry''s export names them.';
COMMENT ON COLUMN templates.imported_at IS 'When the import was accepted that the row comes from.';

-- new_templates: one row per template of the import that the relation does not have just so.
CREATE OR REPLACE TEMP TABLE new_templates AS
SELECT n.template_id, n.content, n.header, n.entity_id, n.category, n.variable_tags, n.status, n.links, n.imported_at
FROM evidence n LEFT JOIN templates t USING (template_id)
WHERE n.reason IS NULL AND (
    t.template_id IS NULL
    OR (n.content, n.header, n.entity_id, n.category, n.variable_tags, n.status, n.links)
        IS DISTINCT FROM (t.content, t.header, t.entity_id, t.category, t.variable_tags, t.status, t.links)
);

-- The last import of a template wins.
DELETE FROM templates WHERE template_id IN (SELECT template_id FROM new_templates);
INSERT INTO templates BY NAME FROM new_templates;

-- Grain: one row per judged message that was checked against its template.
SELECT * FROM warehouse.template_checks WHERE message_id IN (SELECT message_id FROM outcomes)

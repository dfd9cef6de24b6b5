-- staged: one row per journal line of the stream `messages`; a line that is no such record has nulls.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT byte_offset, record.*, record.message_id IS NOT NULL AND record.planned_at IS NOT NULL AS is_good
FROM (SELECT byte_offset, CASE WHEN json_valid(line) THEN json_transform(line, '{
    "message_id": "VARCHAR", "campaign_id": "VARCHAR", "batch_id": "VARCHAR", "gateway": "VARCHAR",
    "route": "VARCHAR", "msisdn": "VARCHAR", "header": "VARCHAR", "entity_id": "VARCHAR",
    "template_id": "VARCHAR", "template_variables": ["VARCHAR"], "body": "VARCHAR", "encoding": "VARCHAR",
    "n_segments": "INTEGER", "planned_at": "TIMESTAMPTZ", "line": "INTEGER"}') END AS record FROM lines)

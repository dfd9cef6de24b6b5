-- staged: one row per journal line of the stream `submissions`: an attempt or its answer.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT byte_offset, record.*,
    record.attempt_id IS NOT NULL AND (
        (record.attempted_at IS NOT NULL AND record.message_ids IS NOT NULL)
        OR (record.answered_at IS NOT NULL AND record.responses IS NOT NULL)
    ) AS is_good
FROM (SELECT byte_offset, CASE WHEN json_valid(line) THEN json_transform(line, '{
    "attempt_id": "VARCHAR", "attempted_at": "TIMESTAMPTZ", "batch_id": "VARCHAR", "gateway": "VARCHAR",
    "message_ids": ["VARCHAR"], "answered_at": "TIMESTAMPTZ", "http_status": "INTEGER", "responses": [{
        "message_id": "VARCHAR", "result": "VARCHAR", "code": "VARCHAR", "gateway_message_id": "VARCHAR",
        "detail": "VARCHAR"}]}') END AS record FROM lines)

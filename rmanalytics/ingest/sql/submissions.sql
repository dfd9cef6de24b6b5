-- staged: one row per journal line of the stream `submissions`: an attempt or its answer.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT byte_offset, record.*,
    record.attempt_id IS NOT NULL AND (
        (record.attempted_at IS NOT NULL AND record.message_ids IS NOT NULL)
        OR (record.answered_at IS NOT NULL AND record.responses IS NOT NULL)
    ) AS is_good
FROM (SELECT byte_offset, CASE WHEN json_valid(line) THEN json_transform(line, $columns) END AS record FROM lines)

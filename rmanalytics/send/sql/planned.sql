-- planned: one row per message of the batch that the journal has: by today's id, from this batch, or for another gateway.
CREATE TEMP TABLE planned AS
SELECT id, bool_or(is_here AND NOT is_old) AS is_ours, bool_or(is_here) AS is_here, bool_or(is_elsewhere) AS is_elsewhere
FROM (
    SELECT coalesce(old.id, planned_id) AS id, old.id IS NOT NULL AS is_old, is_here, is_elsewhere
    FROM (
        SELECT md5_number(message_id) AS planned_id, batch_id = $batch_id AS is_here, gateway <> $gateway AS is_elsewhere
        FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = $most_line_bytes, columns = $columns)
    ) LEFT JOIN old ON old_id = planned_id
) SEMI JOIN ids USING (id)
GROUP BY id

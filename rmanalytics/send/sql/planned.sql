-- planned: one row per message of the batch that the journal has: from this batch, or for another gateway.
CREATE TEMP TABLE planned AS
SELECT id, bool_or(batch_id = $batch_id) AS is_ours, bool_or(gateway <> $gateway) AS is_elsewhere
FROM (
    SELECT md5_number(message_id) AS id, batch_id, gateway
    FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = 4194304, columns = $columns)
) SEMI JOIN ids USING (id)
GROUP BY id

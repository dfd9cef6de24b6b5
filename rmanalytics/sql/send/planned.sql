-- planned: one row per message of this batch that the journal has from an earlier run.
CREATE TEMP TABLE planned AS
SELECT DISTINCT md5_number(message_id) AS id
FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = 4194304,
    columns = {message_id: 'VARCHAR', batch_id: 'VARCHAR'})
WHERE batch_id = $batch_id

-- One row: the gateway of the first message in a journal segment; none where it has no message.
SELECT gateway FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = 4194304, columns = $columns)
WHERE gateway IS NOT NULL LIMIT 1

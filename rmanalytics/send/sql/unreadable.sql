-- unreadable: one row per journal segment with lines that are neither an attempt nor an answer.
SELECT filename, count(*) AS n_lines
FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = $most_line_bytes, filename = true, columns = $columns)
WHERE attempt_id IS NULL OR (message_ids IS NULL AND responses IS NULL)
GROUP BY filename ORDER BY filename

-- One row per round of resending that rows of the batch are in, and batch that planned it; `is_whole` if all of that are rows of this one.
SELECT mark, batch_id, bool_and(is_ours) AS is_whole
FROM (
    SELECT regexp_extract(message_id, '-r([0-9a-f]+)$', 1) AS mark, batch_id,
        md5_number(left(message_id, 21)) IN (SELECT base FROM ids WHERE base IS NOT NULL) AS is_ours
    FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = $most_line_bytes, columns = $columns)
    WHERE regexp_full_match(message_id, 'm[0-9a-f]{20}(-[0-9]+)?-r[0-9a-f]+')
)
GROUP BY ALL HAVING bool_or(is_ours) ORDER BY ALL

-- One row per key of the messages in segments, which are numbered as listed. A key is half of what `md5_number` makes of:
-- the id (`planned`); of an id made of batch and line the one that its row has today, without count (`old`);
-- of what was resent the id without count and mark, and the mark (`rounds`).
SELECT segment, (md5_number(name) >> 64)::UBIGINT AS key
FROM (
    SELECT file_index AS segment, unnest([
        message_id,
        CASE WHEN starts_with(message_id, batch_id || '-')
            THEN 'm' || left(sha256(concat_ws(' ', msisdn, strlen(campaign_id), campaign_id, body)), 20) END,
        CASE WHEN regexp_full_match(message_id, 'm[0-9a-f]{20}(-[0-9]+)?-r[0-9a-f]+') THEN left(message_id, 21) END,
        CASE WHEN regexp_full_match(message_id, 'm[0-9a-f]{20}(-[0-9]+)?-r[0-9a-f]+')
            THEN regexp_extract(message_id, '-r[0-9a-f]+$') END
    ]) AS name
    FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = $most_line_bytes, columns = $columns)
)
WHERE name IS NOT NULL

-- One row per message that attempts and answers in segments speak of, by its id and, resent, by the id without mark
-- (`attempted` for a plain send); the key is null for a line that is neither (`unreadable`).
SELECT segment, (md5_number(unnest(
    CASE WHEN starts_with(message_id, 'm') AND message_id[-13:-12] = '-r'
        THEN [message_id, message_id[:-14]] ELSE [message_id] END
)) >> 64)::UBIGINT AS key
FROM (
    SELECT file_index AS segment, unnest(
        CASE WHEN attempt_id IS NULL OR (message_ids IS NULL AND responses IS NULL) THEN [NULL]
        ELSE list_concat(coalesce(message_ids, []), [said.message_id FOR said IN coalesce(responses, [])]) END
    ) AS message_id
    FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = $most_line_bytes, columns = $columns)
)

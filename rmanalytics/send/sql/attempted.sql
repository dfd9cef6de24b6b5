-- attempted: one row per message of the batch that was attempted before, with its best result; for a plain send, what
-- was resent counts too.
CREATE TEMP TABLE attempted AS
WITH records AS (
    SELECT message_ids, responses
    FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = $most_line_bytes, columns = $columns)
), said AS (
    SELECT unnest(message_ids) AS message_id, NULL AS result FROM records
    UNION ALL
    SELECT unnest(responses, recursive := true) FROM records
), named AS (
    SELECT coalesce(old.id, said_id) AS id, result
    FROM (
        SELECT md5_number(CASE WHEN $is_plain AND starts_with(message_id, 'm') AND message_id[-13:-12] = '-r'
            THEN message_id[:-14] ELSE message_id END) AS said_id, result
        FROM said
    ) LEFT JOIN old ON old_id = said_id
), counted AS (
    SELECT id, count(*) - count(result) AS n_attempts, count(result) AS n_answers,
        bool_or(result = 'accepted') AS was_accepted, bool_or(result = 'unclear') AS was_unclear,
        bool_or(result = 'refused') AS was_refused
    FROM named SEMI JOIN ids USING (id) GROUP BY id
)
SELECT id, CASE
    WHEN was_accepted THEN 'accepted'
    WHEN was_unclear OR n_attempts > n_answers THEN 'unclear'  -- no answer: it may have been sent
    WHEN was_refused THEN 'refused'
    ELSE 'unsent' END AS result
FROM counted

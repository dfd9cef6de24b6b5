-- Grain: one row per step of a message: planned, submitted, and what each DLR says of it.
WITH planned AS (
    SELECT message_id, planned_at FROM part_messages ORDER BY planned_at, message_id LIMIT 10 * $n
), shown AS (
    SELECT message_id, coalesce(msisdn, '') AS msisdn, row_number() OVER (ORDER BY message_id) AS place
    FROM outcomes SEMI JOIN planned USING (message_id)
    ORDER BY message_id
    LIMIT $n
), steps AS (
    SELECT message_id, $planned AS step, planned_at AS at, 0 AS number FROM planned
    UNION ALL SELECT message_id, $submitted, attempted_at, 1 FROM submissions
    UNION ALL SELECT message_id, status, received_at, 2 FROM dlrs
)
SELECT place, msisdn, step, "at"
FROM shown JOIN steps USING (message_id)
ORDER BY "at", place, number, step

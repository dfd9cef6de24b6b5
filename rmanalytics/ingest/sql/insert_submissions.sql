-- Attempts with their answers; an attempt without an answer may have been sent.
INSERT INTO submissions BY NAME
WITH attempts AS (
    SELECT attempt_id, unnest(message_ids) AS message_id, batch_id, gateway, attempted_at
    FROM staged WHERE is_good AND attempted_at IS NOT NULL
)
SELECT a.*, l.message_at AS planned_at, r.* EXCLUDE (attempt_id, message_id, result, detail),
    coalesce(r.result, 'unclear') AS result,
    CASE WHEN r.attempt_id IS NULL THEN 'no answer is journaled' ELSE r.detail END AS detail
FROM attempts a
LEFT JOIN answers r USING (attempt_id, message_id)
LEFT JOIN located l ON l.id = a.message_id

-- Grain: one row per attempt for a judged message, with the answer if it had come at a time; until then it was unclear.
SELECT s.* EXCLUDE (has_come) REPLACE (
    CASE WHEN has_come THEN result ELSE 'unclear' END AS result,
    CASE WHEN has_come THEN code END AS code,
    CASE WHEN has_come THEN gateway_message_id END AS gateway_message_id,
    CASE WHEN has_come THEN http_status END AS http_status,
    CASE WHEN has_come THEN detail END AS detail
)
FROM (
    SELECT *, $as_of::TIMESTAMPTZ IS NULL OR answered_at IS NULL OR answered_at <= $as_of AS has_come
    FROM warehouse.submissions
    WHERE $as_of::TIMESTAMPTZ IS NULL OR attempted_at <= $as_of
) s
SEMI JOIN judged j ON s.planned_at = j.planned_at AND s.message_id = j.id

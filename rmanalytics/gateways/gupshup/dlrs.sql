-- Grain: one row per event of a POST (a JSON array, `response=` may stand before it), one per GET or form.
WITH bodies AS (
    SELECT * REPLACE (regexp_replace({body}, '^response=', '') AS body)
    FROM callbacks
), decoded AS (
    SELECT * REPLACE (CASE WHEN body ILIKE '\%5B%' ESCAPE '\' OR body ILIKE '\%7B%' ESCAPE '\'
        THEN coalesce(try(url_decode(replace(body, '+', ' '))), body) ELSE body END AS body)
    FROM bodies
), documents AS (
    SELECT * REPLACE (CASE WHEN body[1] = '{{' AND json_valid(body) AND json_type(body, '$.response') = 'ARRAY'
        THEN json_extract(body, '$.response')::VARCHAR ELSE body END AS body)
    FROM decoded
), {reports}
SELECT
    callback_id,
    position::INTEGER AS position,
    gateway,
    {gateway_message_id} AS gateway_message_id,
    {client_message_id} AS client_message_id,
    {msisdn} AS msisdn,
    header,
    raw_status,
    coalesce(words.status, 'unknown') AS status,
    -- The cause is the code in a word; it is taken where there is no number, and where it says more than the status.
    CASE WHEN ({error_code}) IS NOT NULL THEN {error_code}
        WHEN upper(cause) NOT IN ('SUCCESS', 'NULL', upper(raw_status)) THEN cause END AS error_code,
    {submitted_at} AS submitted_at,
    {done_at} AS done_at,
    received_at,
    try_cast(cost AS DOUBLE) AS cost,
    try_cast(charge AS DOUBLE) AS charge,
    mcc_mnc,
    {tag} AS tag,
    udf1,
    udf2,
    {is_time_unread} AS is_time_unread,
    conflict,
    coalesce(nested, {fault}) AS fault,
    coalesce(raw_status, gateway_message_id, client_message_id, {msisdn}) IS NOT NULL AS is_dlr
FROM reports
LEFT JOIN (VALUES {statuses}) AS words (word, status) ON word = upper(raw_status)

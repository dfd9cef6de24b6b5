-- Grain: one row per report; one without a status, an id and a number is no DLR.
-- Two ways to the same texts: `plain` reads callbacks in which every name has the documented spelling and
-- occurs once (as JSON text, in one go, four times as fast); `reports` reads every spelling and transport.
WITH one_source AS (
    SELECT callback_id, gateway, received_at, coalesce(body, '') AS body, ltrim(coalesce(query, ''), '?') AS query,
        CASE WHEN body = '' THEN query WHEN query = '' THEN body END AS pairs
    FROM callbacks
), read AS (
    SELECT *,
        CASE WHEN strlen(pairs) = length(pairs)
            AND NOT (contains(pairs, '"') OR contains(pairs, '\') OR contains(pairs, ' ')) THEN try(json_transform(
            '{{"' || replace(replace(pairs, '=', '":"'), '&', '","') || '"}}', '{structure}'
        )) END AS fields
    FROM one_source
), judged AS MATERIALIZED (
    SELECT callback_id, gateway, received_at, body, query, fields,
        {n_recognised} = length(pairs) - length(replace(pairs, '&', '')) + 1 AS is_plain
    FROM read
), encoded AS (
    SELECT callback_id, gateway, received_at, {renamed}
    FROM judged
    WHERE is_plain
), decoded AS (
    SELECT callback_id, gateway, received_at, {decoded_columns}
    FROM encoded
), plain AS (
    SELECT callback_id, gateway, received_at, 0 AS position, NULL::VARCHAR AS conflict, NULL::VARCHAR AS nested,
        nullif(nullif(nullif({columns}, ''), 'NULL'), 'null')
    FROM decoded
), {reports}, texts AS (
    FROM plain
    UNION ALL BY NAME
    FROM reports
)
SELECT
    callback_id,
    position::INTEGER AS position,
    gateway,
    -- Kannel's msgid is the gateway's own id.
    CASE WHEN gateway_message_id IS NULL AND raw_status IN ({kannel_words}) THEN {client_message_id}
        ELSE {gateway_message_id} END AS gateway_message_id,
    {client_message_id} AS client_message_id,
    {msisdn} AS msisdn,
    header,
    raw_status,
    coalesce(words.status, 'unknown') AS status,
    {error_code} AS error_code,
    {submitted_at} AS submitted_at,
    {done_at} AS done_at,
    received_at,
    {cost} AS cost,
    {charge} AS charge,
    mcc_mnc,
    {tag} AS tag,
    udf1,
    udf2,
    {is_time_unread} AS is_time_unread,
    conflict,
    coalesce(nested, {fault}) AS fault,
    coalesce(raw_status, gateway_message_id, client_message_id, {msisdn}) IS NOT NULL AS is_dlr
FROM texts
LEFT JOIN (VALUES {statuses}) AS words (word, status) ON word = upper(raw_status)

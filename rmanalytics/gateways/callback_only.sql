-- Grain: one row per row of `told`; these services know neither a time of submission nor a price.
SELECT
    callback_id,
    {position}::INTEGER AS position,
    gateway,
    {gateway_message_id} AS gateway_message_id,
    {client_message_id} AS client_message_id,
    {msisdn} AS msisdn,
    {header} AS header,
    raw_status,
    coalesce(words.status, 'unknown') AS status,
    {error_code} AS error_code,
    NULL::TIMESTAMPTZ AS submitted_at,
    {done_at} AS done_at,
    received_at,
    NULL::DOUBLE AS cost,
    NULL::DOUBLE AS charge,
    NULL::VARCHAR AS mcc_mnc,
    NULL::VARCHAR AS tag,
    NULL::VARCHAR AS udf1,
    NULL::VARCHAR AS udf2,
    {is_time_unread} AS is_time_unread,
    conflict,
    {fault} AS fault,
    is_dlr
FROM told
LEFT JOIN (VALUES {statuses}) AS words (word, status) ON word = lower(raw_status)

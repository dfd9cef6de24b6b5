-- Grain: one row per data item of an event; a body that is no JSON of that shape gives none.
WITH documents AS (
    SELECT callback_id, gateway, received_at,
        CASE WHEN trim(body, E' \t\r\n\ufeff')[1] IN ('[', '{{') AND json_valid(trim(body, E' \t\r\n\ufeff'))
            THEN trim(body, E' \t\r\n\ufeff')::JSON END AS document
    FROM callbacks
), listed AS (
    SELECT * EXCLUDE (document),
        CASE json_type(document) WHEN 'ARRAY' THEN json_extract(document, '$[*]') ELSE [document] END AS events
    FROM documents
    WHERE document IS NOT NULL
), event AS (
    SELECT * EXCLUDE (events), unnest(events) AS event, generate_subscripts(events, 1) AS n_event FROM listed
), data AS (
    SELECT * EXCLUDE (event), event ->> '$.event' AS raw_status,
        CASE json_type(event, '$.data') WHEN 'ARRAY' THEN json_extract(event, '$.data[*]')
            WHEN 'OBJECT' THEN [json_extract(event, '$.data')] ELSE [] END AS items
    FROM event
    WHERE json_type(event) = 'OBJECT'
), item AS (
    SELECT * EXCLUDE (items), unnest(items) AS item, generate_subscripts(items, 1) AS n_item FROM data
), texts AS (
    SELECT *, nullif(item ->> '$.meta', '') AS meta, item ->> '$.ts' AS ts, item ->> '$.code' AS code
    FROM item
    WHERE json_type(item) = 'OBJECT'
)
SELECT
    callback_id,
    (row_number() OVER (PARTITION BY callback_id ORDER BY n_event, n_item) - 1)::INTEGER AS position,
    gateway,
    NULL::VARCHAR AS gateway_message_id,
    {client_message_id} AS client_message_id,
    NULL::VARCHAR AS msisdn,
    NULL::VARCHAR AS header,
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
    {is_time_unread} AS is_time_unread
FROM texts
LEFT JOIN (VALUES {statuses}) AS words (word, status) ON word = lower(raw_status)
WHERE coalesce(raw_status, meta) IS NOT NULL

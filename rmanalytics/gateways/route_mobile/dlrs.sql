-- Grain: one row per DLR; a callback without a status, an id and a number gives none.
-- Two ways to the same texts: `plain` reads callbacks in which every name has the documented spelling and
-- occurs once (as JSON text, in one go, four times as fast); `other` reads every spelling and transport.
WITH one_source AS (
    SELECT callback_id, gateway, received_at, coalesce(body, '') AS body, ltrim(coalesce(query, ''), '?') AS query,
        CASE WHEN body = '' THEN query WHEN query = '' THEN body END AS pairs
    FROM callbacks
), read AS (
    SELECT *,
        CASE WHEN NOT (contains(pairs, '"') OR contains(pairs, '\') OR contains(pairs, ' ')) THEN try(json_transform(
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
    SELECT callback_id, gateway, received_at, 0 AS position, NULL::VARCHAR AS conflict,
        nullif(nullif(nullif({columns}, ''), 'NULL'), 'null')
    FROM decoded
), rest AS (
    SELECT callback_id, gateway, received_at, query, trim(body, {blanks}) AS text,
        CASE WHEN text[1] IN ('{{', '[') AND json_valid(text) THEN json_type(text) END AS json_kind
    FROM judged
    WHERE is_plain IS NOT TRUE
), listed AS (
    SELECT *, CASE json_kind
        WHEN 'ARRAY' THEN json_extract(text, '$[*]') WHEN 'OBJECT' THEN [text::JSON] ELSE [NULL::JSON] END AS elements
    FROM rest
), element AS (
    SELECT * EXCLUDE (elements), unnest(elements) AS element, generate_subscripts(elements, 1) - 1 AS position
    FROM listed
), paired AS (
    SELECT callback_id, gateway, received_at, position,
        {query_pairs} AS in_query,
        CASE WHEN json_kind IS NULL THEN {body_pairs}
            ELSE list_transform(list_zip(json_keys(element), json_extract(element, '$.*')), lambda member: {member})
        END AS in_body
    FROM element
    WHERE json_kind IS NULL OR json_type(element) = 'OBJECT'
), filled AS (
    SELECT callback_id, gateway, received_at, position,
        list_filter(in_query, lambda pair: pair.text NOT IN ('', 'NULL', 'null')) AS in_query,
        list_filter(in_body, lambda pair: pair.text NOT IN ('', 'NULL', 'null')) AS in_body
    FROM paired
), columnar AS (
    SELECT callback_id, gateway, received_at, position,
        list_transform(in_query, lambda pair: pair.name) AS query_names,
        list_transform(in_query, lambda pair: pair.text) AS query_texts,
        list_transform(in_body, lambda pair: pair.name) AS body_names,
        list_transform(in_body, lambda pair: pair.text) AS body_texts,
        {conflict} AS conflict
    FROM filled
), other AS (
    SELECT callback_id, gateway, received_at, position, coalesce(conflict, {contradiction}) AS conflict, {looked_up}
    FROM columnar
), texts AS (
    FROM plain
    UNION ALL BY NAME
    FROM other
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
    conflict
FROM texts
LEFT JOIN (VALUES {statuses}) AS words (word, status) ON word = upper(raw_status)
-- The known word is part of the condition so that it stays above the join: pushed below, it decodes all twice.
WHERE words.status IS NOT NULL
    OR coalesce(raw_status, gateway_message_id, client_message_id) IS NOT NULL
    OR {msisdn} IS NOT NULL

-- Grain: one row per event of a POST (a JSON array, `response=` may stand before it), one per GET or form.
WITH bodies AS (
    SELECT callback_id, gateway, received_at, query,
        regexp_replace(trim(coalesce(body, ''), E' \t\r\n\ufeff'), '^response=', '') AS body
    FROM callbacks
), decoded AS (
    SELECT * EXCLUDE (body), CASE WHEN body ILIKE '\%5B%' ESCAPE '\' OR body ILIKE '\%7B%' ESCAPE '\'
        THEN coalesce(try(url_decode(replace(body, '+', ' '))), body) ELSE body END AS body
    FROM bodies
), documents AS (
    SELECT *, CASE WHEN body[1] IN ('[', '{{') AND json_valid(body) THEN body::JSON END AS document FROM decoded
), listed AS (
    SELECT callback_id, gateway, received_at, CASE
        WHEN json_type(document) = 'ARRAY' THEN json_extract(document, '$[*]')
        WHEN json_type(document, '$.response') = 'ARRAY' THEN json_extract(document, '$.response[*]')
        ELSE [document] END AS events
    FROM documents
    WHERE document IS NOT NULL
), event AS (
    SELECT * EXCLUDE (events), unnest(events) AS event, generate_subscripts(events, 1) - 1 AS position FROM listed
), posted AS (
    SELECT callback_id, gateway, received_at, position, {member_twice} AS conflict, {members}
    FROM event WHERE json_type(event) = 'OBJECT'
), split AS (
    SELECT callback_id, gateway, received_at, list_transform(
        string_split(concat_ws('&', nullif(body, ''), nullif(ltrim(query, '?'), '')), '&'), lambda pair: {{
            'name': lower(trim(split_part(pair, '=', 1))),
            'text': replace(substr(pair, nullif(strpos(pair, '='), 0) + 1), '+', ' ')}}) AS pairs
    FROM documents
    WHERE document IS NULL
), read AS (
    SELECT * EXCLUDE (pairs), list_filter(list_transform(pairs, lambda pair: {{
        'name': pair.name, 'text': trim(coalesce(try(url_decode(pair.text)), pair.text))}}),
        lambda pair: pair.text NOT IN ('', 'NULL', 'null')) AS pairs
    FROM split
), columnar AS (
    SELECT * EXCLUDE (pairs), list_transform(pairs, lambda pair: pair.name) AS names,
        list_transform(pairs, lambda pair: pair.text) AS texts, {conflict} AS conflict
    FROM read
), got AS (
    SELECT callback_id, gateway, received_at, 0 AS position, conflict, {parameters} FROM columnar
), told AS (
    FROM posted
    UNION ALL BY NAME
    FROM got
)
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
    conflict
FROM told
LEFT JOIN (VALUES {statuses}) AS words (word, status) ON word = upper(raw_status)
WHERE coalesce(raw_status, gateway_message_id, client_message_id) IS NOT NULL OR {msisdn} IS NOT NULL

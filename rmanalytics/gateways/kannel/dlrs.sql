-- Grain: one row per callback; one without a status and an id gives none.
WITH read AS (
    SELECT callback_id, gateway, received_at,
        string_split(concat_ws('&', nullif(body, ''), nullif(ltrim(query, '?'), '')), '&') AS pairs
    FROM callbacks
), split AS (
    SELECT * EXCLUDE (pairs), list_transform(pairs, lambda pair: {{
        'name': lower(split_part(pair, '=', 1)),
        'text': replace(substr(pair, nullif(strpos(pair, '='), 0) + 1), '+', ' ')}}) AS pairs
    FROM read
), decoded AS (
    SELECT * EXCLUDE (pairs), list_filter(list_transform(pairs, lambda pair: {{
        'name': pair.name, 'text': trim(coalesce(try(url_decode(pair.text)), pair.text))}}),
        lambda pair: pair.text <> '') AS pairs
    FROM split
), columnar AS (
    SELECT * EXCLUDE (pairs), list_transform(pairs, lambda pair: pair.name) AS names,
        list_transform(pairs, lambda pair: pair.text) AS texts, {conflict} AS conflict
    FROM decoded
), texts AS (
    SELECT callback_id, gateway, received_at, conflict, {fields} FROM columnar
), told AS (
    -- The SMSC's reply is an SMPP receipt (`... stat:UNDELIV err:069 ...`), or a bare code.
    SELECT *, CASE WHEN regexp_full_match(reply, '[0-9A-Za-z]{{1,8}}') THEN reply
        ELSE nullif(regexp_extract(reply, '\berr:([0-9A-Za-z]+)', 1), '') END AS code
    FROM texts
    WHERE coalesce(raw_status, gateway_message_id) IS NOT NULL
)

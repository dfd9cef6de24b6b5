-- Grain: one row per callback, or per object of one that is JSON, as several reports on lines are made; one without
-- a status and an id gives none.
WITH documents AS (
    SELECT callback_id, gateway, received_at, body, query,
        CASE WHEN body[1] IN ('[', '{{') AND json_valid(body) THEN body::JSON END AS document
    FROM callbacks
), listed AS (
    SELECT * EXCLUDE (document, body), CASE WHEN document IS NULL THEN body END AS body,
        CASE json_type(document) WHEN 'ARRAY' THEN json_extract(document, '$[*]') ELSE [document] END AS reports
    FROM documents
), reported AS (
    SELECT * EXCLUDE (reports), unnest(reports) AS report, generate_subscripts(reports, 1) - 1 AS position FROM listed
), read AS (
    SELECT * EXCLUDE (body, query),
        string_split(concat_ws('&', nullif(body, ''), nullif(ltrim(query, '?'), '')), '&') AS pairs
    FROM reported
), split AS (
    SELECT * EXCLUDE (pairs), list_transform(pairs, lambda pair: {{
        'name': lower(split_part(pair, '=', 1)),
        'text': replace(substr(pair, nullif(strpos(pair, '='), 0) + 1), '+', ' ')}}) AS pairs
    FROM read
), decoded AS (
    SELECT * EXCLUDE (pairs, report), list_filter(list_concat(
        CASE WHEN json_type(report) = 'OBJECT' THEN list_transform(
            list_zip(json_keys(report), json_extract(report, '$.*')), lambda member: {{'name': lower(member[1]), 'text':
                trim(CASE WHEN json_type(member[2]) NOT IN ('ARRAY', 'OBJECT') THEN member[2] ->> '$' END)}}) END,
        list_transform(pairs, lambda pair: {{
            'name': pair.name, 'text': trim(coalesce(try(url_decode(pair.text)), pair.text))}})),
        lambda pair: pair.text <> '') AS pairs
    FROM split
), columnar AS (
    SELECT * EXCLUDE (pairs), list_transform(pairs, lambda pair: pair.name) AS names,
        list_transform(pairs, lambda pair: pair.text) AS texts, {conflict} AS conflict
    FROM decoded
), texts AS (
    SELECT callback_id, gateway, received_at, position, conflict, {fields} FROM columnar
), told AS (
    -- The SMSC's reply is an SMPP receipt (`... stat:UNDELIV err:069 ...`), or a bare code.
    SELECT *, CASE WHEN regexp_full_match(reply, '[0-9A-Za-z]{{1,8}}') THEN reply
        ELSE nullif(regexp_extract(reply, '\berr:([0-9A-Za-z]+)', 1), '') END AS code
    FROM texts
    WHERE coalesce(raw_status, gateway_message_id) IS NOT NULL
)

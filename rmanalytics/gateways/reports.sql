-- reports: one row per report in callbacks: an item of a list in JSON, or all of another body, each with the query's
-- pairs. An item that is no object is a row without a text.
rest AS (
    SELECT callback_id, gateway, received_at, ltrim(coalesce(query, ''), '?') AS query,
        {text} AS text,
        CASE WHEN text[1] IN ('{{', '[') AND json_valid(text) THEN json_type(text) END AS json_kind
    FROM {source}
), listed AS (
    SELECT *, CASE json_kind
        WHEN 'ARRAY' THEN json_extract(text, '$[*]') WHEN 'OBJECT' THEN [text::JSON] ELSE [NULL::JSON] END AS elements
    FROM rest
), element AS (
    SELECT * EXCLUDE (elements), unnest(elements) AS element, generate_subscripts(elements, 1) - 1 AS position
    FROM listed
), paired AS (
    SELECT callback_id, gateway, received_at, position,
        CASE WHEN json_kind IS NULL OR json_type(element) = 'OBJECT' THEN {query_pairs} END AS in_query,
        CASE WHEN json_kind IS NULL THEN {body_pairs} WHEN json_type(element) = 'OBJECT'
            THEN list_transform(list_zip(json_keys(element), json_extract(element, '$.*')), lambda member: {member})
        END AS in_body,
        CASE WHEN json_type(element) = 'OBJECT' THEN {nested} END AS nested
    FROM element
), filled AS (
    SELECT callback_id, gateway, received_at, position, nested,
        list_filter(in_query, lambda pair: pair.text NOT IN ('', 'NULL', 'null')) AS in_query,
        list_filter(in_body, lambda pair: pair.text NOT IN ('', 'NULL', 'null')) AS in_body
    FROM paired
), columnar AS (
    SELECT callback_id, gateway, received_at, position, nested,
        list_transform(in_query, lambda pair: pair.name) AS query_names,
        list_transform(in_query, lambda pair: pair.text) AS query_texts,
        list_transform(in_body, lambda pair: pair.name) AS body_names,
        list_transform(in_body, lambda pair: pair.text) AS body_texts,
        {conflict} AS conflict
    FROM filled
), reports AS (
    SELECT callback_id, gateway, received_at, position, nested, coalesce(conflict, {contradiction}) AS conflict,
        {looked_up}
    FROM columnar
)

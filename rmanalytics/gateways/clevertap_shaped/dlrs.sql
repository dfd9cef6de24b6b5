-- Grain: one row per data item of an event, or per event without any; a body that is no JSON gives none.
WITH documents AS (
    SELECT callback_id, gateway, received_at,
        CASE WHEN text[1] IN ('[', '{{') AND json_valid(text) THEN text::JSON END AS document
    FROM (SELECT *, {body} AS text FROM callbacks)
), listed AS (
    SELECT * EXCLUDE (document),
        CASE json_type(document) WHEN 'ARRAY' THEN json_extract(document, '$[*]') ELSE [document] END AS events
    FROM documents
    WHERE document IS NOT NULL
), event AS (
    SELECT * EXCLUDE (events), unnest(events) AS event, generate_subscripts(events, 1) AS n_event FROM listed
), data AS (
    SELECT * EXCLUDE (event), nullif({event}, '') AS raw_status, {event_twice} AS in_event,
        CASE json_type(event, '$.data') WHEN 'ARRAY' THEN json_extract(event, '$.data[*]')
            WHEN 'OBJECT' THEN [json_extract(event, '$.data')] ELSE [NULL::JSON] END AS items
    FROM event
), item AS (
    SELECT * EXCLUDE (items), unnest(items) AS item, generate_subscripts(items, 1) AS n_item FROM data
), told AS (
    SELECT *, nullif({meta}, '') AS client_message_id, {ts} AS ts, {code} AS code,
        coalesce(in_event, {item_twice}) AS conflict,
        json_type(item) IS NOT DISTINCT FROM 'OBJECT' AND coalesce(raw_status, client_message_id) IS NOT NULL AS is_dlr
    FROM item
)

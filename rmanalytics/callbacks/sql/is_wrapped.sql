-- Whether a callback may be in a form that no gateway's reader knows; `unwrap.readings` looks closer.
CASE
    WHEN body[1] IN (chr(31), 'x') AND body[:2] IN ({compressed}) THEN true
    WHEN n_parts > $most_of_list THEN false
    WHEN content_encoding ILIKE '%deflate%' OR body[:2] IN (chr(255) || chr(254), chr(254) || chr(255)) THEN true
    WHEN content_type ILIKE '%charset%' AND NOT content_type ILIKE '%utf-8%' THEN true
    WHEN query <> '' AND (regexp_matches(query, '{odd}') OR NOT contains(query, '=') AND contains(query, '%')) THEN true
    WHEN body = '' THEN false
    WHEN content_type ILIKE 'multipart/%' THEN true
    -- An object in which a list, an object or a text of JSON is, a list of something else than objects, lines of JSON;
    -- numbers and half of a sign of UTF-16 that readers of JSON would change.
    WHEN body[1] IN ('{{', '[', '"', ' ', chr(9), chr(10), chr(13), chr(65279)) THEN
        regexp_matches(body, '^[\s\x{{FEFF}}]*(\{{.*:\s*"?[\[{{]|"|\[(\s*[^\s{{\]]|.*\}}\s*,\s*[^\s{{]))', 's')
        OR regexp_matches(body, '\\[uU][dD][89a-fA-F]|{odd_number}')
        OR regexp_matches(body, '[\r\n]\s*[^\s]') AND NOT json_valid(body)
        OR NOT regexp_matches(body, '^[\s\x{{FEFF}}]*[\[{{]') AND regexp_matches(body, '{odd}')
    ELSE regexp_matches(body, '{odd}|[\r\n]\s*\{{|^%(5B|7B|5b|7b)') OR NOT contains(body, '=') AND contains(body, '%')
END

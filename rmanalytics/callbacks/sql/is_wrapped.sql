-- Whether a callback may be in a form that no gateway's reader knows; `unwrap.readings` looks closer.
CASE
    WHEN body[1] IN (chr(31), 'x') AND body[:2] IN ({compressed}) THEN true
    WHEN n_parts > $most_of_list THEN false
    WHEN content_encoding ILIKE '%deflate%' OR body[:2] IN (chr(255) || chr(254), chr(254) || chr(255)) THEN true
    WHEN content_type ILIKE '%charset%' AND NOT content_type ILIKE '%utf-8%' THEN true
    WHEN query <> '' AND (regexp_matches(query, '{odd}') OR NOT contains(query, '=') AND contains(query, '%')) THEN true
    WHEN body = '' THEN false
    WHEN content_type ILIKE 'multipart/%' THEN true
    -- Lines of JSON, or an object in which a list, an object or a text of JSON is; half of a sign of UTF-16.
    WHEN body[1] IN ('{{', '[', '"', ' ', chr(9), chr(10), chr(13), chr(65279)) THEN
        regexp_matches(body, '^[\s\x{{FEFF}}]*([\[{{].*[}}\]][ \t]*[\r\n]\s*[\[{{]|\{{.*:\s*"?[\[{{]|")', 's')
        OR regexp_matches(body, '\\[uU][dD][89a-fA-F]')
        OR NOT regexp_matches(body, '^[\s\x{{FEFF}}]*[\[{{]') AND regexp_matches(body, '{odd}')
    ELSE regexp_matches(body, '{odd}') OR NOT contains(body, '=') AND contains(body, '%')
END

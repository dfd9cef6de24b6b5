-- Whether a callback may be in a form that no gateway's reader knows; `unwrap.readings` looks closer.
contains(query, '&amp;') OR body <> '' AND CASE
    WHEN body[1] IN (chr(31), 'x') AND body[:2] IN ({compressed}) THEN true
    WHEN n_parts > $most THEN false
    WHEN contains(body, '&amp;') OR content_type ILIKE 'multipart/%' THEN true
    -- Lines of JSON, or an object in which a list or an object is.
    WHEN body[1] IN ('{{', '[', ' ', chr(9), chr(10), chr(13), chr(65279)) THEN
        regexp_matches(body, '^[\s\x{{FEFF}}]*([\[{{].*[}}\]][ \t]*[\r\n]\s*[\[{{]|\{{.*:\s*[\[{{])', 's')
    ELSE false
END

-- Whether a callback may be in a form that no gateway's reader knows; `unwrap.readings` looks closer.
contains(query, '&amp;') OR body <> '' AND CASE
    WHEN body[1] IN ('{{', '[', ' ', chr(9), chr(10), chr(13), chr(65279)) THEN n_parts <= $most
        -- Lines of JSON, or an object in which a list or an object is.
        AND regexp_matches(body, '^[\s\x{{FEFF}}]*([\[{{].*[}}\]][ \t]*[\r\n]\s*[\[{{]|\{{.*:\s*[\[{{])', 's')
    WHEN body[1] IN (chr(31), 'x') THEN body[:2] IN ({compressed}) OR contains(body, '&amp;')
    ELSE n_parts <= $most AND (contains(body, '&amp;') OR content_type ILIKE 'multipart/%')
END

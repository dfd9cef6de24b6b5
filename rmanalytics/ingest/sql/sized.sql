-- sized: one row per good callback of `staged`, with how many pairs, members and items it may come to.
CREATE OR REPLACE TEMP TABLE sized AS
SELECT rowid AS place, gateway,
    1 + length(query) - length(replace(query, '&', ''))
    + length(body) - length(translate(body, '&{[,', ''))
    -- A form may hold JSON that is percent-encoded; in a short body it cannot come to much.
    + CASE WHEN length(body) > 4096 AND contains(body, '%')
        THEN (length(body) - length(regexp_replace(body, '%(2C|5B|7B|26)', '', 'gi'))) // 3 ELSE 0 END AS n_parts
FROM (SELECT rowid, gateway, is_good, coalesce(query, '') AS query, coalesce(body, '') AS body FROM staged)
WHERE is_good

-- sized: one row per good callback of `staged`, with how many pairs, members and items it may come to.
CREATE OR REPLACE TEMP TABLE sized AS
SELECT rowid AS place, gateway,
    length(query) - length(replace(query, '&', ''))
    + CASE WHEN ltrim(body)[1] IN ('{', '[')
        THEN 3 * length(body)
            - length(replace(body, '{', '')) - length(replace(body, '[', '')) - length(replace(body, ',', ''))
        ELSE length(body) - length(replace(body, '&', '')) END + 1 AS n_parts
FROM (SELECT rowid, gateway, is_good, coalesce(query, '') AS query, coalesce(body, '') AS body FROM staged)
WHERE is_good

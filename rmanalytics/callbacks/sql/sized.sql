-- sized: one row per good callback of a table: how many pairs, members and items it may come to, the most that are
-- read of such a body, its bytes, and whether its body may be wrapped (see is_wrapped).
CREATE OR REPLACE TEMP TABLE sized AS
WITH texts AS (
    SELECT rowid AS place, gateway, content_type, {encoding} AS content_encoding,
        coalesce(query, '') AS query, coalesce(body, '') AS body,
        regexp_matches(body, '^[\s\x{{FEFF}}]*([\w.-]{{1,40}}=\s*)?\[') AS is_list
    FROM {table} WHERE is_good
), counted AS (
    SELECT *, CASE WHEN is_list THEN $most_of_list ELSE $most END AS most,
        -- The pairs of a query count for each item of a list.
        (1 + strlen(query) - strlen(replace(query, '&', '')))
        * CASE WHEN is_list AND query <> '' THEN 1 + strlen(body) - strlen(replace(body, '{{', '')) ELSE 1 END
        + 4 * strlen(body) - strlen(replace(body, '&', '')) - strlen(replace(body, ',', ''))
        - strlen(replace(body, '{{', '')) - strlen(replace(body, '[', ''))
        -- A form may hold JSON that is percent-encoded; in a short body it cannot come to much.
        + CASE WHEN length(body) > 4096 AND contains(body, '%')
            THEN (length(body) - length(regexp_replace(body, '%(2C|5B|7B|26)', '', 'gi'))) // 3 ELSE 0 END AS n_parts
    FROM texts
)
SELECT place, gateway, n_parts, most, strlen(query) + strlen(body) AS n_bytes, {is_wrapped} AS is_wrapped
FROM counted

-- sized: one row per good callback of a table: how many pairs, members and items it may come to, its bytes, and
-- whether its body may be wrapped: compressed, multipart, `&amp;` between pairs, JSON lines or a list in an object.
CREATE OR REPLACE TEMP TABLE sized AS
WITH texts AS (
    SELECT rowid AS place, gateway, content_type, coalesce(query, '') AS query, coalesce(body, '') AS body
    FROM {table} WHERE is_good
), counted AS (
    SELECT *,
        1 + length(query) - length(replace(query, '&', ''))
        + length(body) - length(translate(body, '&{{[,', ''))
        -- A form may hold JSON that is percent-encoded; in a short body it cannot come to much.
        + CASE WHEN length(body) > 4096 AND contains(body, '%')
            THEN (length(body) - length(regexp_replace(body, '%(2C|5B|7B|26)', '', 'gi'))) // 3 ELSE 0 END AS n_parts
    FROM texts
)
SELECT place, gateway, n_parts, strlen(query) + strlen(body) AS n_bytes, {is_wrapped} AS is_wrapped FROM counted

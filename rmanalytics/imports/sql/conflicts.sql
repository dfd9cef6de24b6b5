-- The staged rows; a good one whose id an earlier good row has for another message is rejected. Made ids are never those.
WITH good AS (
    SELECT line, hash({key}) AS id, hash({said}) AS said FROM read_parquet({staged}, hive_partitioning = false)
    WHERE reason IS NULL AND NOT starts_with(message_id, 'import-')
), firsts AS (
    SELECT id, min(line) AS first_line, arg_min(said, line) AS first_said
    FROM good GROUP BY id HAVING min(said) <> max(said)
)
SELECT s.* REPLACE (
    CASE WHEN s.reason IS NULL AND NOT starts_with(s.message_id, 'import-') AND hash({said}) <> first_said
        THEN 'message_id ' || s.message_id || ' is already on line ' || first_line || ', of another message: each needs its own id'
        ELSE s.reason END AS reason
)
FROM read_parquet({staged}, hive_partitioning = false) s LEFT JOIN firsts f ON f.id = hash({key})
ORDER BY s.line

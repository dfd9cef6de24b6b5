-- The staged rows; a good one whose id is among those `known` for another number is rejected.
SELECT s.* REPLACE (
    CASE WHEN s.reason IS NULL AND k.message_id IS NOT NULL
        THEN 'message_id ' || s.message_id || ' is already known, of another number: each message needs its own id'
        ELSE s.reason END AS reason
)
FROM read_parquet({staged}, hive_partitioning = false) s LEFT JOIN known k USING (message_id)
ORDER BY s.line

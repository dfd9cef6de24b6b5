-- One row per good row whose key an earlier row of the file has, the first ones only.
SELECT line, first_line FROM (
    SELECT line, first_value(line) OVER same AS first_line
    FROM read_parquet($1, hive_partitioning = false) WHERE reason IS NULL
    WINDOW same AS (PARTITION BY hash({key}) ORDER BY line)
) WHERE line > first_line ORDER BY line LIMIT $2

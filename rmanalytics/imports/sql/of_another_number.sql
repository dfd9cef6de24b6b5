-- One row per id of a good staged row that a message of another number has in the database.
WITH given AS (
    SELECT message_id, msisdn, md5_number_lower(message_id) AS key FROM read_parquet($1, hive_partitioning = false)
    WHERE reason IS NULL AND NOT starts_with(message_id, 'import-')
), located AS (
    SELECT message_id, msisdn, t.planned_at FROM given JOIN message_times t USING (key)
)
SELECT DISTINCT l.message_id FROM located l JOIN messages m ON m.planned_at = l.planned_at AND m.message_id = l.message_id
WHERE m.msisdn <> l.msisdn

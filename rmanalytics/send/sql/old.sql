-- old: one row per message whose id was made of batch and line, as ids once were, with the id that its row has today.
CREATE TEMP TABLE old AS
WITH made AS (
    SELECT message_id, batch_id, TRY_CAST(substr(message_id, length(batch_id) + 2) AS BIGINT) AS line,
        'm' || left(sha256(concat_ws(' ', msisdn, strlen(campaign_id), campaign_id, body)), 20) AS base
    FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = $most_line_bytes, columns = $columns)
    WHERE starts_with(message_id, batch_id || '-')
), ours AS (
    SELECT DISTINCT * FROM made
    WHERE line IS NOT NULL AND md5_number(base) IN (SELECT base FROM ids WHERE base IS NOT NULL)
)
SELECT md5_number(message_id) AS old_id,
    md5_number(base || CASE WHEN ordinal > 1 THEN '-' || ordinal ELSE '' END) AS id
FROM (SELECT *, row_number() OVER (PARTITION BY base, batch_id ORDER BY line) AS ordinal FROM ours)

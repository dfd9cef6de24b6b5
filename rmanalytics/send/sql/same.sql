-- same: one row per row of the batch that has number, campaign and text of another batch's message.
CREATE TEMP TABLE same AS
SELECT line FROM ids SEMI JOIN (
    SELECT hash(msisdn, campaign_id, body) AS sameness
    FROM read_ndjson($segments, ignore_errors = true, maximum_object_size = 4194304, columns = $columns)
    WHERE batch_id <> $batch_id
) USING (sameness)

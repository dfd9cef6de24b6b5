-- ids: one row per row of the batch that can be sent; `sameness` is null where the file gave the id itself.
CREATE TEMP TABLE ids AS
SELECT line, md5_number(message_id) AS id,
    CASE WHEN message_id = $batch_id || '-' || line THEN hash(msisdn, campaign_id, body) END AS sameness
FROM chunks

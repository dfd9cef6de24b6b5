-- ids: one row per row of the batch that can be sent; `base` is its id without count and suffix, null where the file gave it.
CREATE TEMP TABLE ids AS
SELECT line, md5_number(message_id) AS id,
    CASE WHEN regexp_full_match(message_id, 'm[0-9a-f]{20}(-.*)?') THEN md5_number(left(message_id, 21)) END AS base
FROM chunks

-- Gives each good callback in which nothing was found a reason; what is said of the body is what its headers say.
INSERT INTO unread
SELECT callback_id, 'no field of a DLR found in '
    || CASE WHEN coalesce(body, '') = '' THEN 'its query'
        ELSE coalesce('a body of ' || nullif(left(content_type, 80), ''), 'a body without a content type') END
    || coalesce(', encoded as ' || nullif(left(content_encoding, 20), ''), '')
FROM staged
WHERE is_good AND callback_id NOT IN (SELECT callback_id FROM new_dlrs)
    AND callback_id NOT IN (SELECT callback_id FROM unread)

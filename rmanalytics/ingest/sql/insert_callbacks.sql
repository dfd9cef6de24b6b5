-- Each callback with the number of DLRs that were found in it, and why there is none where that is known.
INSERT INTO callbacks BY NAME
SELECT s.* EXCLUDE (byte_offset, is_good, content_encoding), coalesce(p.n_dlrs, 0) AS n_dlrs,
    coalesce(u.n_unread, 0) AS n_unread, u.reason AS unread_reason
FROM staged s LEFT JOIN parsed p USING (callback_id) LEFT JOIN unread u USING (callback_id)
WHERE s.is_good

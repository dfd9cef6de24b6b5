-- Each callback with the number of DLRs that were found in it.
INSERT INTO callbacks BY NAME
SELECT s.* EXCLUDE (byte_offset, is_good), coalesce(p.n_dlrs, 0) AS n_dlrs
FROM staged s LEFT JOIN parsed p USING (callback_id)
WHERE s.is_good

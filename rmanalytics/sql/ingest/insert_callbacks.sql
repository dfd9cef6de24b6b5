-- Each callback with the number of DLRs that were found in it.
INSERT INTO callbacks BY NAME
SELECT * EXCLUDE (byte_offset, is_good, n), coalesce(n, 0)::INTEGER AS n_dlrs
FROM staged LEFT JOIN (SELECT callback_id, count(*) AS n FROM new_dlrs GROUP BY callback_id) USING (callback_id)
WHERE is_good

-- Grain: one row: how many DLRs that match no message may be about these: their number is one of these or not given.
SELECT count(*)
FROM dlrs
WHERE told_id IS NULL AND (msisdn IS NULL OR right(msisdn, 10) IN (SELECT right(msisdn, 10) FROM outcomes))

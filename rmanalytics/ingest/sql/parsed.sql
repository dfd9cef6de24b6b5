-- parsed: one row per callback in which DLRs were found, with their number.
CREATE OR REPLACE TEMP TABLE parsed AS
SELECT callback_id, count(*)::INTEGER AS n_dlrs FROM new_dlrs GROUP BY callback_id

-- Grain: one row per way in which DLRs found their message, the most frequent first.
SELECT matched_by, count(*) AS n FROM dlrs WHERE matched_by IS NOT NULL GROUP BY matched_by ORDER BY n DESC, matched_by

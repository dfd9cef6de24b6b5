-- One row per run of uncertain DLRs: the first and the last rowid of at most so many.
SELECT min(rid), max(rid)
FROM (SELECT rowid AS rid, (row_number() OVER (ORDER BY rowid) - 1) // $slice AS slice FROM dlrs WHERE {uncertain})
GROUP BY slice
ORDER BY slice

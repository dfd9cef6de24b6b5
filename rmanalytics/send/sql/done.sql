-- One row per line of the batch that is not to be sent: repeated, done, or refused where $refused counts as done.
SELECT line FROM repeated UNION
SELECT line FROM ids JOIN attempted USING (id)
WHERE result IN ('accepted', 'unclear') OR (result = 'refused' AND $refused)

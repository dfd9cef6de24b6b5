-- One row: how many rows without an id of their own were sent before, in other batches only.
SELECT count(*) FROM ids JOIN planned USING (id) JOIN attempted USING (id) ANTI JOIN repeated USING (line)
WHERE base IS NOT NULL AND NOT is_here AND result IN ('accepted', 'unclear')

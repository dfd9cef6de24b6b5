-- One row per wrapped callback of a page.
SELECT {columns} FROM staged
WHERE rowid IN (SELECT place FROM wrapped WHERE place BETWEEN $first AND $last)

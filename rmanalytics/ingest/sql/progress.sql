-- One row: callbacks without any DLR, DLRs without a message, lines of the journal that cannot be read.
SELECT
  (SELECT count(*) FILTER (n_dlrs = 0) FROM callbacks),
  (SELECT count(*) - count(matched_by) FROM dlrs),
  (SELECT count(*) FROM journal_faults)

-- unwrapped: one row per callback that was wrapped, with what was in it.
CREATE OR REPLACE TEMP TABLE unwrapped AS SELECT *, true AS is_good FROM unwrapped_rows

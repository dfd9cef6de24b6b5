-- Messages that are not there yet, in the order of their times.
INSERT INTO messages BY NAME FROM fresh ORDER BY planned_at

-- Notes how far a segment was taken in: its name, the offset behind it, and how many lines more.
INSERT INTO ingested VALUES ($segment, $next_offset, $n_lines, now())
ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset, n_lines = n_lines + excluded.n_lines,
    ingested_at = excluded.ingested_at

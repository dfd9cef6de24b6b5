-- One row per template id of good domestic rows that is of another form than operators give: its first line, its rows.
SELECT template_id, min(line) AS first_line, count(*) AS n_rows
FROM read_parquet($1, hive_partitioning = false) WHERE reason IS NULL AND route = 'domestic' AND template_id IS NOT NULL
GROUP BY template_id HAVING NOT regexp_full_match(template_id, $2)
ORDER BY first_line

-- repeated: one row per row of the batch whose message_id is on an earlier line.
CREATE TEMP TABLE repeated AS
SELECT line, first_line
FROM ids JOIN (SELECT id, min(line) AS first_line FROM ids GROUP BY id HAVING count(*) > 1) USING (id)
WHERE line > first_line

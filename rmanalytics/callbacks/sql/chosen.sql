-- Moves the best reading of each callback from candidates to new_dlrs: the one that says whose status it is, in a word
-- that is known. Where two do, nobody can say which is meant, and all goes to unread. With it goes what is unread in
-- that reading, or in all where it says nothing of anybody; and an id or a number
-- that only another reading has; without any DLR, in the (first) reading with most items.
CREATE OR REPLACE TEMP TABLE scored AS
SELECT callback_id, number, count(*) AS n, max(CASE
    WHEN raw_status IS NULL OR coalesce(gateway_message_id, client_message_id, msisdn) IS NULL THEN 0
    WHEN status = 'unknown' AND upper(raw_status) <> 'UNKNOWN' THEN 1
    ELSE 2 END) AS score
FROM candidates
GROUP BY callback_id, number;
CREATE OR REPLACE TEMP TABLE best AS
SELECT callback_id, min(number) AS number, any_value(score) AS score, any_value(score) > 0 AND count(*) > 1 AS is_unclear,
    sum(n) AS n
FROM (FROM scored QUALIFY score = max(score) OVER (PARTITION BY callback_id))
GROUP BY callback_id;
INSERT INTO unread SELECT callback_id, '{reason}', n FROM best WHERE is_unclear;
INSERT INTO unread
WITH said AS (
    SELECT callback_id, candidates.number = best.number AS is_best, msisdn IS NOT NULL AS has_number,
        coalesce(gateway_message_id, client_message_id) IS NOT NULL AS has_id
    FROM candidates JOIN best USING (callback_id)
    WHERE NOT is_unclear
), missed AS (
    SELECT callback_id, bool_or(has_id) AND NOT bool_or(is_best AND has_id) AS is_id,
        bool_or(has_number) AND NOT bool_or(is_best AND has_number) AS is_number
    FROM said
    GROUP BY callback_id
)
SELECT callback_id, CASE WHEN is_id THEN 'an id' ELSE 'a number' END || ' outside of the reports', 1
FROM missed
WHERE is_id OR is_number;
INSERT INTO unread
SELECT u.* EXCLUDE (number) FROM unread_candidates u JOIN best USING (callback_id)
WHERE NOT is_unclear AND (u.number = best.number OR best.score = 0);
INSERT INTO unread
WITH of_none AS (
    SELECT callback_id, number, sum(n) AS n FROM unread_candidates ANTI JOIN best USING (callback_id) GROUP BY ALL
), largest AS (
    FROM of_none QUALIFY row_number() OVER (PARTITION BY callback_id ORDER BY n DESC, number) = 1
)
SELECT u.* EXCLUDE (number) FROM unread_candidates u SEMI JOIN largest USING (callback_id, number);
INSERT INTO new_dlrs
SELECT candidates.* EXCLUDE (number) FROM candidates JOIN best USING (callback_id, number) WHERE NOT is_unclear;
DROP TABLE candidates;
DROP TABLE unread_candidates

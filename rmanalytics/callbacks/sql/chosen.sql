-- Moves the best reading of each callback from candidates to new_dlrs: the one that says whose status it is, in a word
-- that is known. Where two do, nobody can say which is meant, and the callback goes to unread.
CREATE OR REPLACE TEMP TABLE scored AS
SELECT callback_id, number, max(CASE
    WHEN raw_status IS NULL OR coalesce(gateway_message_id, client_message_id, msisdn) IS NULL THEN 0
    WHEN status = 'unknown' AND upper(raw_status) <> 'UNKNOWN' THEN 1
    ELSE 2 END) AS score
FROM candidates
GROUP BY callback_id, number;
CREATE OR REPLACE TEMP TABLE best AS
SELECT callback_id, min(number) AS number, any_value(score) > 0 AND count(*) > 1 AS is_unclear
FROM (FROM scored QUALIFY score = max(score) OVER (PARTITION BY callback_id))
GROUP BY callback_id;
INSERT INTO unread SELECT callback_id, '{reason}' FROM best WHERE is_unclear;
INSERT INTO new_dlrs
SELECT candidates.* EXCLUDE (number) FROM candidates JOIN best USING (callback_id, number) WHERE NOT is_unclear;
DROP TABLE candidates

-- Moves what a gateway's reader found to new_dlrs, and what is no DLR to unread: nobody can say which of two values is
-- meant, nor whose a DLR is of which only a number or an id is left that lost digits.
INSERT INTO unread
SELECT callback_id, CASE
    WHEN conflict IS NOT NULL THEN 'two different values of ' || conflict
    WHEN NOT is_dlr THEN '{nothing}' ELSE '{lost}' || lost_in END, count(*)
FROM found
WHERE conflict IS NOT NULL OR lost_in IS NOT NULL OR NOT is_dlr
GROUP BY ALL;
INSERT INTO new_dlrs BY NAME
SELECT * EXCLUDE (conflict, lost_in, is_dlr)
FROM found
WHERE conflict IS NULL AND is_dlr
    AND (lost_in IS NULL OR coalesce(gateway_message_id, client_message_id, msisdn, tag, udf1, udf2) IS NOT NULL)

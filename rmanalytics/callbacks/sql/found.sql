-- Moves what a gateway's reader found to new_dlrs, and what is no DLR to unread: nobody can say which of two values is
-- meant, nor whose a DLR is of which only a number or an id is left that cannot be read.
INSERT INTO unread
SELECT callback_id, CASE
    WHEN conflict IS NOT NULL THEN 'two different values of ' || conflict
    WHEN fault IS NOT NULL THEN fault ELSE '{nothing}' END, count(*)
FROM found
WHERE conflict IS NOT NULL OR fault IS NOT NULL OR NOT is_dlr
GROUP BY ALL;
INSERT INTO new_dlrs BY NAME
SELECT * EXCLUDE (conflict, fault, is_dlr)
FROM found
WHERE conflict IS NULL AND is_dlr
    AND (fault IS NULL OR coalesce(gateway_message_id, client_message_id, msisdn, tag, udf1, udf2) IS NOT NULL)

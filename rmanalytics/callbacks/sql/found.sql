-- Moves what a gateway's reader found to new_dlrs, and what is no DLR to unread: nobody can say which of two values is
-- meant, nor whose a DLR is that has no id and no number, or only one that cannot be read.
INSERT INTO unread
SELECT callback_id, CASE
    WHEN conflict IS NOT NULL THEN 'two different values of ' || conflict
    WHEN fault IS NOT NULL THEN fault
    WHEN is_dlr THEN '{of_nobody}' ELSE '{nothing}' END, count(*)
FROM found
WHERE conflict IS NOT NULL OR fault IS NOT NULL OR NOT is_dlr OR NOT is_somebodys
GROUP BY ALL;
INSERT INTO new_dlrs BY NAME
SELECT * EXCLUDE (conflict, fault, is_dlr, is_somebodys)
FROM found
WHERE conflict IS NULL AND is_dlr AND is_somebodys;
DROP TABLE found

-- Moves each callback with a conflict from new_dlrs to unread.
INSERT INTO unread
SELECT callback_id, 'two different values of ' || min(conflict) FROM new_dlrs WHERE conflict IS NOT NULL GROUP BY ALL;
DELETE FROM new_dlrs WHERE callback_id IN (SELECT callback_id FROM new_dlrs WHERE conflict IS NOT NULL)

-- Grain: one row per DLR about the messages that are judged: whether it carries our own id (of a message that only
-- DLRs tell of: any $$MessageID) in a field that the relay looks at, and the $$MessageID that the relay finds in it.
SELECT
    told_id,
    coalesce(CASE WHEN message_id IS NULL THEN coalesce({metas}) IS NOT NULL ELSE message_id IN ({fields}) END, false)
        AS is_echoed,
    CASE WHEN status IN ('delivered', 'failed') AND ($since IS NULL OR received_at >= $since)
        -- The relay also knows the ids of messages that were sent from here.
        THEN coalesce({metas}, CASE WHEN regexp_full_match(message_id, $pattern) THEN message_id END) END AS meta
FROM dlrs
WHERE told_id IS NOT NULL

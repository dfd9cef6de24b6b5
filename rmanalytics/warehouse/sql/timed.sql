-- timed: one row per message, ours or of DLRs alone: when it was, and the times it may have had as of earlier moments.
-- As of a moment a message has the time of its plan, if that is known then, else that of its DLRs known then.
CREATE OR REPLACE TEMP TABLE timed AS
WITH planned AS (
    SELECT id, min(planned_at) AS message_at FROM ({messages}) GROUP BY id
), told AS (
    SELECT id, count(*) AS n, count(submitted_at) AS n_submitted, min(submitted_at) AS submitted_at,
        max(submitted_at) AS last_submitted_at, min(received_at) AS received_at,
        min(coalesce(submitted_at, received_at)) AS first_at, max(coalesce(submitted_at, received_at)) AS last_at
    FROM ({dlrs}) LEFT JOIN planned USING (id)
    WHERE message_at IS NULL OR received_at < message_at
    GROUP BY id
)
SELECT id, md5_number_lower(id) AS key, coalesce(message_at, submitted_at, received_at) AS planned_at, message_at,
    CASE WHEN message_at IS NULL THEN submitted_at END AS submitted_at,
    CASE WHEN coalesce(message_at, submitted_at) IS NULL THEN received_at END AS received_at,
    least(message_at, first_at) AS earliest_at, greatest(message_at, last_at) AS latest_at,
    coalesce(CASE WHEN message_at IS NULL
        THEN n_submitted > 0 AND (n_submitted < n OR submitted_at < last_submitted_at)
        ELSE n > 0 END, false) AS is_drifting
FROM planned FULL JOIN told USING (id)

-- placed: one row per message that `arrivals` speak of: its time, and whether they leave no doubt about it.
-- In doubt, all of the message's rows are looked at again.
CREATE OR REPLACE TEMP TABLE placed AS
WITH told AS (
    SELECT id, min(message_at) AS message_at, count(received_at) AS n, count(submitted_at) AS n_submitted,
        min(submitted_at) AS submitted_at, max(submitted_at) AS last_submitted_at, min(received_at) AS received_at
    FROM arrivals WHERE id IS NOT NULL GROUP BY id
)
SELECT t.id, md5_number_lower(t.id) AS key, l.key IS NULL AS is_new, l.planned_at AS was_at, t.message_at,
    coalesce(l.planned_at, t.message_at, t.submitted_at, t.received_at) AS planned_at, t.submitted_at,
    CASE WHEN n_submitted = 0 THEN t.received_at END AS received_at,
    CASE
        WHEN l.key IS NULL AND t.message_at IS NOT NULL THEN n = 0
        WHEN l.key IS NULL THEN n_submitted = 0 OR (n_submitted = n AND t.submitted_at = last_submitted_at)
        WHEN t.message_at IS NOT NULL THEN false
        WHEN l.message_at IS NOT NULL THEN t.received_at >= l.message_at
        WHEN l.submitted_at IS NULL THEN n_submitted = 0 AND t.received_at >= l.received_at
        ELSE n_submitted = n AND t.submitted_at = last_submitted_at AND t.submitted_at = l.submitted_at
    END AS is_plain
FROM told t LEFT JOIN located l USING (id)

-- unread: of itself, one row per callback in which something was not read, with how much, and each reason. Of one that
-- holds no DLR at all it is said what its headers say of the body.
INSERT INTO unread
SELECT callback_id, '{nothing}', 1 FROM staged
WHERE is_good AND callback_id NOT IN (SELECT callback_id FROM new_dlrs)
    AND callback_id NOT IN (SELECT callback_id FROM unread);
CREATE OR REPLACE TEMP TABLE unread AS
WITH counted AS (
    SELECT callback_id, reason, n, sum(n) OVER (PARTITION BY callback_id) AS n_all
    FROM (SELECT callback_id, reason, sum(n) AS n FROM unread GROUP BY ALL)
), silent AS (
    SELECT callback_id, CASE WHEN coalesce(body, '') = '' THEN ' in its query'
        ELSE coalesce(' in a body of ' || nullif(left(content_type, 80), ''), ' in a body without a content type') END
        || coalesce(', encoded as ' || nullif(left(content_encoding, 20), ''), '') AS where_
    FROM staged
    WHERE is_good AND callback_id NOT IN (SELECT callback_id FROM new_dlrs)
), worded AS (
    SELECT callback_id, n, reason || CASE WHEN reason = '{nothing}' THEN coalesce(where_, '') ELSE '' END
        || CASE WHEN n_all = 1 THEN '' WHEN n = 1 THEN ' (1 item)' ELSE ' (' || n || ' items)' END AS reason
    FROM counted LEFT JOIN silent USING (callback_id)
)
SELECT callback_id, sum(n)::INTEGER AS n_unread, string_agg(reason, '; ' ORDER BY n DESC, reason) AS reason
FROM worded
GROUP BY callback_id

-- One row per row of the file: a campaign's numbers as CleverTap states them, or the reason why not.
WITH read AS (
    SELECT *, whole(n_sent) AS sent, whole(n_delivered) AS delivered, whole(n_errors) AS errors,
        whole(n_clicked) AS clicked, moment(day) AS instant
    FROM given
)
SELECT line, campaign_id, campaign_name, (instant AT TIME ZONE 'Asia/Kolkata')::DATE AS day, provider, channel, status,
    sent AS n_sent, delivered AS n_delivered, errors AS n_errors, clicked AS n_clicked, other,
    CASE
        WHEN broken IS NOT NULL THEN broken
        WHEN campaign_id IS NULL THEN 'campaign_id is empty'
        WHEN regexp_full_match(campaign_id, '(?i)((grand|sub)[ -]?)?totals?:?') THEN 'campaign_id ' || campaign_id || ' is a sum of other rows: remove it'
        WHEN coalesce(lost_digits('campaign_id', campaign_id), no_value('campaign_id', campaign_id), unfit('campaign_id', campaign_id)) IS NOT NULL
            THEN coalesce(lost_digits('campaign_id', campaign_id), no_value('campaign_id', campaign_id), unfit('campaign_id', campaign_id))
        WHEN day IS NOT NULL AND instant IS NULL THEN no_time('day', day)
        WHEN n_sent IS NULL THEN 'n_sent is empty'
        WHEN sent IS NULL AND no_value('n_sent', n_sent) IS NOT NULL THEN no_value('n_sent', n_sent)
        WHEN sent IS NULL THEN no_whole('n_sent', n_sent)
        WHEN n_delivered IS NOT NULL AND delivered IS NULL THEN no_whole('n_delivered', n_delivered)
        WHEN n_errors IS NOT NULL AND errors IS NULL THEN no_whole('n_errors', n_errors)
        WHEN n_clicked IS NOT NULL AND clicked IS NULL THEN no_whole('n_clicked', n_clicked)
        ELSE coalesce(no_text('campaign_name', campaign_name), no_text('provider', provider), no_text('channel', channel), no_text('status', status))
    END AS reason
FROM read

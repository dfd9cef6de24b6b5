-- One row per row of the file: an error as CleverTap states it, with its category, or the reason why not.
WITH read AS (
    SELECT *, whole(n_errors) AS number, moment(occurred_at) AS happened, cause(error) AS category FROM given
)
SELECT line, campaign_id, happened AS occurred_at, provider, error, category,
    CASE WHEN n_errors IS NULL THEN 1 ELSE number END AS n_errors,
    CASE
        WHEN broken IS NOT NULL THEN broken
        WHEN coalesce(lost_digits('campaign_id', campaign_id), no_value('campaign_id', campaign_id), unfit('campaign_id', campaign_id)) IS NOT NULL
            THEN coalesce(lost_digits('campaign_id', campaign_id), no_value('campaign_id', campaign_id), unfit('campaign_id', campaign_id))
        WHEN error IS NULL THEN 'error is empty'
        WHEN no_value('error', error) IS NOT NULL THEN no_value('error', error)
        WHEN occurred_at IS NOT NULL AND happened IS NULL THEN no_time('occurred_at', occurred_at)
        WHEN n_errors IS NOT NULL AND number IS NULL THEN no_whole('n_errors', n_errors)
        ELSE coalesce(no_text('error', error), no_text('provider', provider))
    END AS reason
FROM read

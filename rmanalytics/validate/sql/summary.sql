-- Grain: one row: what is counted of all the messages that are judged, and of what came since they were submitted.
SELECT
    (SELECT max(gateway) FROM outcomes) AS gateway,
    -- How `prove` names the campaign of each test.
    (SELECT coalesce(bool_and(regexp_full_match(campaign_id, 'test-[0-9]+T[0-9.]+')), false) FROM outcomes)
        AS is_trial,
    (SELECT count(*) FROM outcomes WHERE submit_result IS NULL) AS n_unattempted,
    (SELECT max(attempted_at) FROM submissions) AS tried_at,
    (SELECT max(received_at) FROM dlrs WHERE told_id IS NOT NULL) AS told_at,
    -- Only the answer to a request that a provider file built has CleverTap's own rule in its detail.
    (SELECT coalesce(bool_or(contains(detail, $rule)), false) FROM submissions) AS is_as_clevertap,
    (SELECT count(*) FROM callbacks) AS n_callbacks,
    (SELECT count(*) FROM callbacks WHERE n_unread > 0) AS n_unreadable,
    -- Where all that came went, when that is one other path: none of it can be read there.
    (SELECT CASE WHEN bool_and(n_dlrs = 0) AND count(DISTINCT gateway) = 1 THEN max(gateway) END FROM callbacks)
        AS only_unread_at,
    (SELECT min(received_at) FROM callbacks) AS first_callback_at,
    (SELECT count(*) FROM dlrs WHERE told_id IS NOT NULL AND is_time_unread) AS n_times_unread,
    (SELECT count(*) FROM dlrs WHERE told_id IS NOT NULL AND {is_impossible}) AS n_times_impossible,
    (SELECT count(*) FROM template_checks) AS n_checked

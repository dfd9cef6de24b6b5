-- Grain: one row per judged message: the outcomes of what is in part_messages, part_submissions and part_dlrs, and
-- what of them depends on the time they are looked at, as in warehouse/outcomes.py.
SELECT
    *,
    coalesce(
        state = 'no_dlr'
        AND coalesce(submitted_at, planned_at) <= coalesce($as_of::TIMESTAMPTZ, now()) - to_seconds($horizon_s),
        false
    ) AS is_overdue
FROM ({fold})
WHERE $campaign_id::VARCHAR IS NULL OR campaign_id = $campaign_id

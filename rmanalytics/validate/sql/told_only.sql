-- Grain: one row per message of a campaign that only DLRs tell of, and time at which its DLRs lie.
SELECT DISTINCT coalesce(message_id, gateway_message_id) AS id, planned_at
FROM warehouse.dlrs
WHERE tag = $campaign_id
    AND coalesce(message_id, gateway_message_id) NOT IN (
        SELECT message_id FROM warehouse.messages WHERE $as_of::TIMESTAMPTZ IS NULL OR planned_at <= $as_of
    )

-- Grain: one row per DLR about a judged message, as far as it was received at a time.
SELECT d.*
FROM warehouse.dlrs d
SEMI JOIN judged j ON d.planned_at = j.planned_at AND coalesce(d.message_id, d.gateway_message_id) = j.id
WHERE $as_of::TIMESTAMPTZ IS NULL OR received_at <= $as_of

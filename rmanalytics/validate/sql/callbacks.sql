-- Grain: one row per callback, about whatever it is, received since the judged messages were sent.
SELECT gateway, received_at, n_dlrs, n_unread
FROM warehouse.callbacks
WHERE received_at >= $since AND ($as_of::TIMESTAMPTZ IS NULL OR received_at <= $as_of)

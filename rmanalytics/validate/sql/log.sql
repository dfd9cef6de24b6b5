-- Grain: one row per error in CleverTap's log that was imported at a time.
SELECT * FROM warehouse.clevertap_errors WHERE $as_of::TIMESTAMPTZ IS NULL OR imported_at <= $as_of

-- new_dlrs: of itself, one row per statement of the import that no callback and no earlier import made before it.
CREATE OR REPLACE TEMP TABLE new_dlrs AS
SELECT t.* FROM (
    SELECT DISTINCT ON (gateway_message_id, client_message_id, msisdn, raw_status, error_code, submitted_at, done_at)
        * REPLACE ($imported_at::TIMESTAMPTZ AS imported_at)
    FROM new_dlrs ORDER BY received_at
) t WHERE NOT EXISTS (
    FROM dlrs d
    WHERE d.gateway_message_id IS NOT DISTINCT FROM t.gateway_message_id
        AND d.client_message_id IS NOT DISTINCT FROM t.client_message_id
        AND d.msisdn IS NOT DISTINCT FROM t.msisdn AND d.raw_status IS NOT DISTINCT FROM t.raw_status
        AND d.error_code IS NOT DISTINCT FROM t.error_code
        AND d.submitted_at IS NOT DISTINCT FROM t.submitted_at AND d.done_at IS NOT DISTINCT FROM t.done_at
        -- Exports cut seconds off; a callback that came after the import is a statement of its own.
        AND d.received_at <= least(t.received_at + INTERVAL 1 MINUTE, t.imported_at)
        AND {near}
)

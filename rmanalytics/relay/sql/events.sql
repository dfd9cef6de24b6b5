-- Grain: one row per DLR that says delivered or failed, in the order received; `meta` is null where no field has one.
WITH told AS (
    SELECT *, coalesce({fields}) AS meta
    FROM new_dlrs
    WHERE status IN ('delivered', 'failed')
), coded AS (
    SELECT told.*,
        coalesce(by_error.code, own.code, by_status.code, '900') AS ours,
        coalesce(by_error.description, own.description, by_status.description,
            concat_ws(' ', 'Gateway:', raw_status, error_code)) AS words
    FROM told
    LEFT JOIN (FROM codes WHERE field = 'error_code') AS by_error ON by_error.value = error_code
    -- Who speaks CleverTap's words gives its codes already.
    LEFT JOIN (SELECT code, min(description) AS description FROM codes GROUP BY code) AS own
        ON own.code = error_code AND list_contains($speak_clevertap, gateway)
    LEFT JOIN (FROM codes WHERE field = 'raw_status') AS by_status ON by_status.value = upper(raw_status)
)
SELECT
    meta,
    gateway_message_id,
    status AS event,
    -- CleverTap wants ten digits; a gateway's clock before 2001 is none.
    floor(CASE WHEN epoch(done_at) >= 1e9 THEN epoch(done_at) ELSE epoch(received_at) END)::BIGINT AS ts,
    CASE WHEN status = 'failed' THEN ours END AS code,
    CASE WHEN status = 'failed' THEN words ELSE 'Delivered' END AS description,
    epoch(received_at) AS received_at
FROM coded
ORDER BY coded.received_at, callback_id, position

-- One row per unmatched DLR whose id is that of a submission for the same number, written differently:
-- case, punctuation, leading zeros, hexadecimal against decimal.
WITH candidates AS (
    SELECT d.rid, m.message_id, d.gateway_message_id AS told, s.gateway_message_id AS given
    FROM unmatched d
    JOIN near_messages m ON right(m.msisdn, 10) = right(d.msisdn, 10)
    JOIN near_submissions s ON s.message_id = m.message_id
    WHERE d.gateway_message_id IS NOT NULL AND s.gateway_message_id IS NOT NULL
        AND is_near(s.attempted_at, d.received_at)
), written AS (
    SELECT
        rid, message_id,
        ltrim(lower(regexp_replace(told, '[^0-9A-Za-z]', '', 'g')), '0') AS told,
        ltrim(lower(regexp_replace(given, '[^0-9A-Za-z]', '', 'g')), '0') AS given
    FROM candidates
)
SELECT rid, min(message_id) AS message_id
FROM written
WHERE told <> '' AND (
    told = given
    OR lower(to_hex(TRY_CAST(told AS UBIGINT))) = given
    OR lower(to_hex(TRY_CAST(given AS UBIGINT))) = told
)
GROUP BY rid HAVING min(message_id) = max(message_id)

-- Grain: one row per two numbers that differ (a country code may be missing): the message's and the DLR's.
SELECT m.msisdn AS intended, d.msisdn AS told, count(*) AS n
FROM dlrs d JOIN outcomes m USING (message_id)
WHERE {is_other}
GROUP BY ALL
ORDER BY n DESC, intended, told
LIMIT 5

-- Grain: one row per two numbers that differ in their last ten digits (a country code may be missing): the message's
-- and the DLR's.
SELECT o.msisdn AS intended, d.msisdn AS told, count(*) AS n
FROM dlrs d JOIN outcomes o USING (message_id)
WHERE right(d.msisdn, 10) <> right(o.msisdn, 10)
GROUP BY ALL
ORDER BY n DESC, intended, told
LIMIT 5

-- One row per gateway and run of callbacks that together come to no more than a slice may.
SELECT gateway, min(place) AS first, max(place) AS last
FROM (
    SELECT gateway, place, sum(n_parts) OVER (PARTITION BY gateway ORDER BY place) // $slice AS slice
    FROM sized
    WHERE n_parts <= most AND NOT is_wrapped
)
GROUP BY gateway, slice
ORDER BY first, gateway

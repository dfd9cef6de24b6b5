-- One row per gateway and run of callbacks that together come to no more than a slice may; a part of a large callback,
-- of whose items each takes memory of its own, counts eightfold.
SELECT gateway, min(place) AS first, max(place) AS last
FROM (
    SELECT gateway, place, sum(n_parts * CASE WHEN n_parts > 1000 THEN 8 ELSE 1 END) OVER (PARTITION BY gateway ORDER BY place) // $slice AS slice
    FROM sized
    WHERE n_parts <= most AND NOT is_wrapped
)
GROUP BY gateway, slice
ORDER BY first, gateway

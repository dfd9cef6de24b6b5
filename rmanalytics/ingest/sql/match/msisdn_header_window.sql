-- One row per unmatched DLR for whose number, header and time just one submitted message fits. Low confidence.
SELECT d.rid, min(m.message_id) AS message_id
FROM unmatched d
JOIN near_messages m ON right(m.msisdn, 10) = right(d.msisdn, 10)
JOIN near_submissions s ON s.message_id = m.message_id
WHERE s.result IN ('accepted', 'unclear')
    AND is_near(s.attempted_at, d.received_at)
    AND length(d.msisdn) >= 10
    AND (d.header IS NULL OR m.header IS NULL OR upper(d.header) = upper(m.header))
    AND (d.tag IS NULL OR d.tag = m.campaign_id)
    AND abs(epoch(coalesce(d.submitted_at, d.received_at)) - epoch(s.attempted_at)) <= $window_s
GROUP BY d.rid HAVING min(m.message_id) = max(m.message_id)

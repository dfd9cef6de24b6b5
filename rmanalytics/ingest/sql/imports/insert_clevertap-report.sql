-- The last import wins.
DELETE FROM clevertap_reports r WHERE EXISTS (FROM new_rows n WHERE r.campaign_id IS NOT DISTINCT FROM n.campaign_id AND r.day IS NOT DISTINCT FROM n.day AND r.provider IS NOT DISTINCT FROM n.provider);
INSERT INTO clevertap_reports BY NAME FROM new_rows;

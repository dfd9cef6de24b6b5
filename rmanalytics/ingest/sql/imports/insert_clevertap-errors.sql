-- The last import wins.
DELETE FROM clevertap_errors r WHERE EXISTS (FROM new_rows n WHERE r.campaign_id IS NOT DISTINCT FROM n.campaign_id AND r.occurred_at IS NOT DISTINCT FROM n.occurred_at AND r.provider IS NOT DISTINCT FROM n.provider AND r.error IS NOT DISTINCT FROM n.error);
INSERT INTO clevertap_errors BY NAME FROM new_rows;

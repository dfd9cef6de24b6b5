-- new_rows: one row per error of a campaign that the relation does not have just so.
CREATE OR REPLACE TEMP TABLE new_rows AS
SELECT n.* FROM (
    SELECT DISTINCT ON (campaign_id, occurred_at, provider, error) campaign_id, occurred_at, provider, error, category, n_errors, imported_at
    FROM evidence WHERE reason IS NULL ORDER BY line DESC
) n WHERE NOT EXISTS (
    FROM clevertap_errors r WHERE (r.campaign_id, r.occurred_at, r.provider, r.error, r.category, r.n_errors)
        IS NOT DISTINCT FROM (n.campaign_id, n.occurred_at, n.provider, n.error, n.category, n.n_errors)
);

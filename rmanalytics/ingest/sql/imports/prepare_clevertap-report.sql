-- new_rows: one row per campaign, day and provider that the relation does not have just so.
CREATE OR REPLACE TEMP TABLE new_rows AS
SELECT n.* FROM (
    SELECT DISTINCT ON (campaign_id, day, provider) campaign_id, campaign_name, day, provider, channel, status, n_sent, n_delivered, n_errors, n_clicked, other, imported_at
    FROM evidence WHERE reason IS NULL ORDER BY line DESC
) n WHERE NOT EXISTS (
    FROM clevertap_reports r WHERE (r.campaign_id, r.campaign_name, r.day, r.provider, r.channel, r.status, r.n_sent, r.n_delivered, r.n_errors, r.n_clicked, r.other)
        IS NOT DISTINCT FROM (n.campaign_id, n.campaign_name, n.day, n.provider, n.channel, n.status, n.n_sent, n.n_delivered, n.n_errors, n.n_clicked, n.other)
);

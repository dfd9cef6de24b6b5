-- told: one row per DLR of the import, with the texts of its fields as a callback's query has them.
CREATE OR REPLACE TEMP MACRO field(t) AS
    CASE WHEN regexp_full_match(t, '[A-Za-z0-9_.:/-]*') THEN t ELSE url_encode(t) END;
CREATE OR REPLACE TEMP VIEW told AS
SELECT * EXCLUDE (line, reason) REPLACE (coalesce(received_at, imported_at) AS received_at),
    'import-' || digest || '-' || line AS callback_id
-- Evidence of before has no received_at.
FROM (FROM evidence UNION ALL BY NAME SELECT NULL::TIMESTAMPTZ AS received_at WHERE false)
WHERE reason IS NULL;

-- told: one row per DLR of the import, with the texts of its fields as a callback's query has them.
CREATE OR REPLACE TEMP MACRO field(t) AS
    CASE WHEN regexp_full_match(t, '[A-Za-z0-9_.:/-]*') THEN t ELSE url_encode(t) END;
CREATE OR REPLACE TEMP VIEW told AS
SELECT * EXCLUDE (line, reason), 'import-' || digest || '-' || line AS callback_id, imported_at AS received_at
FROM evidence WHERE reason IS NULL;

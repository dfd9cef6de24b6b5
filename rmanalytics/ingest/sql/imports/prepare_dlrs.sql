-- told: one row per DLR of the import, as a callback that says it in the gateway's own words.
CREATE OR REPLACE TEMP MACRO field(t) AS
    CASE WHEN regexp_full_match(t, '[A-Za-z0-9_.:/-]*') THEN t ELSE url_encode(t) END;
CREATE OR REPLACE TEMP VIEW told AS
SELECT 'import-' || digest || '-' || line AS callback_id, imported_at AS received_at, gateway, 'GET' AS method,
    '' AS content_type, '' AS body,
    concat_ws('&',
        'sMessageId=' || field(gateway_message_id),
        'msgid=' || field(client_message_id),
        'sMobileNo=' || field(msisdn),
        'sSender=' || field(header),
        'sStatus=' || field(raw_status),
        'iErrCode=' || field(error_code),
        'dtSubmit=' || field(submitted_at),
        'dtDone=' || field(done_at),
        'iCostPerSms=' || field(cost),
        'iCharge=' || field(charge),
        'iMCCMNC=' || field(mcc_mnc),
        'sTagName=' || field(tag),
        'sUdf1=' || field(udf1),
        'sUdf2=' || field(udf2)
    ) AS query
FROM evidence WHERE reason IS NULL;

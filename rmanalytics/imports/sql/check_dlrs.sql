-- One row per row of the file: the texts of a DLR by our names, or the reason why it is not one.
SELECT line, getvariable('gateway') AS gateway, gateway_message_id, client_message_id, msisdn, header,
    raw_status, error_code, submitted_at, done_at, cost, charge, mcc_mnc, tag, udf1, udf2,
    CASE
        WHEN broken IS NOT NULL THEN broken
        WHEN raw_status IS NULL THEN 'raw_status is empty'
        WHEN coalesce(gateway_message_id, client_message_id, msisdn) IS NULL THEN 'has neither an id nor a number'
        WHEN regexp_full_match(gateway_message_id, '[0-9.]+[eE]\+[0-9]+') THEN 'gateway_message_id is a number that lost digits: format the column as text and export again'
        WHEN msisdn IS NOT NULL AND NOT regexp_matches(msisdn, '[0-9]') THEN 'msisdn has no digits'
        WHEN regexp_full_match(msisdn, '[0-9.]+[eE]\+[0-9]+') THEN 'msisdn was turned into a decimal number by a spreadsheet: format the column as text'
        WHEN done_at IS NOT NULL AND moment(done_at) IS NULL THEN 'done_at is not a time: write it as 2025-01-31 10:20:30'
        WHEN submitted_at IS NOT NULL AND moment(submitted_at) IS NULL THEN 'submitted_at is not a time: write it as 2025-01-31 10:20:30'
    END AS reason
FROM given

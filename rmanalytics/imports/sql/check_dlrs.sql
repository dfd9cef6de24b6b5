-- One row per row of the file: the texts of a DLR by our names, or the reason why it is not one.
SELECT line, getvariable('gateway') AS gateway, gateway_message_id, client_message_id, msisdn, header,
    raw_status, error_code, submitted_at, done_at, cost, charge, mcc_mnc, tag, udf1, udf2,
    moment(received_at) AS received_at,
    CASE
        WHEN broken IS NOT NULL THEN broken
        WHEN raw_status IS NULL THEN 'raw_status is empty'
        WHEN raw_status <> '0' AND no_value('raw_status', raw_status) IS NOT NULL THEN no_value('raw_status', raw_status)
        WHEN no_dlr_id('gateway_message_id', gateway_message_id) IS NOT NULL THEN no_dlr_id('gateway_message_id', gateway_message_id)
        WHEN no_dlr_id('client_message_id', client_message_id) IS NOT NULL THEN no_dlr_id('client_message_id', client_message_id)
        WHEN tag IS NOT NULL AND dlr_identifier(tag) IS NULL AND no_value('tag', tag) IS NULL THEN lost_digits('tag', tag)
        WHEN coalesce(dlr_identifier(gateway_message_id), dlr_identifier(client_message_id), msisdn) IS NULL THEN 'has neither an id nor a number'
        WHEN msisdn IS NOT NULL AND dlr_number(msisdn) IS NULL THEN coalesce(no_number(msisdn), 'msisdn is not a phone number: write its digits only')
        WHEN done_at IS NOT NULL AND moment(done_at) IS NULL THEN no_time('done_at', done_at)
        WHEN submitted_at IS NOT NULL AND moment(submitted_at) IS NULL THEN no_time('submitted_at', submitted_at)
        WHEN received_at IS NOT NULL AND moment(received_at) IS NULL THEN no_time('received_at', received_at)
        WHEN moment(received_at) > getvariable('now') THEN 'received_at is later than this import: give it its time zone, such as 2025-01-31T10:20:30+05:30'
    END AS reason
FROM given

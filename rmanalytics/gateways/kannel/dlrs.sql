-- Grain: one row per report.
WITH {reports}, told AS (
    -- The SMSC's reply is an SMPP receipt (`... stat:UNDELIV err:069 ...`), or a bare code.
    SELECT *, CASE WHEN regexp_full_match(reply, '[0-9A-Za-z]{{1,8}}') THEN reply
        ELSE nullif(regexp_extract(reply, '\berr:([0-9A-Za-z]+)', 1), '') END AS code,
        coalesce(raw_status, gateway_message_id) IS NOT NULL AS is_dlr
    FROM reports
)

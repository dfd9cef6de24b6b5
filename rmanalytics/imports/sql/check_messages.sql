-- One row per row of the file: a message as it would be imported, or the reason why not.
-- The functions in Python are called for the few rows only that plain SQL cannot check.
WITH read AS (
    SELECT *,
        CASE WHEN regexp_full_match(msisdn, '(\+91|0{0,2}91|0)?[6-9][0-9]{9}') THEN '91' || right(msisdn, 10)
            WHEN msisdn IS NOT NULL THEN foreign_number(msisdn) END AS number,
        moment(planned_at) AS planned, moment(submitted_at) AS submitted, lower(submit_result) AS result,
        length(body) <= 160 AND regexp_full_match(body, '[\x20-\x5A\x61-\x7A_\n\r]*') AS is_short_gsm7,
        CASE WHEN regexp_full_match(template_variables, '\[\s*("[^"\\[:cntrl:]]*"\s*(,\s*"[^"\\[:cntrl:]]*"\s*)*)?\]')
            THEN from_json(template_variables, '["VARCHAR"]')
            WHEN template_variables IS NOT NULL THEN variables_of(template_variables) END AS variables,
        CASE WHEN number LIKE '91%' THEN 'domestic' WHEN number IS NOT NULL THEN 'international' END AS its_route,
        concat(message_id, gateway_message_id, campaign_id, header, entity_id, template_id, gateway, submit_code) AS ids,
        length(ids) <= 1000 AND regexp_full_match(ids, '[ -~]*') AS is_plain
    FROM given
)
SELECT line,
    coalesce(message_id, gateway_message_id, 'import-' || md5(concat_ws('|', number, campaign_id, body, planned_at))) AS message_id,
    campaign_id, coalesce(gateway, getvariable('gateway')) AS gateway,
    its_route AS route,
    coalesce(number, msisdn) AS msisdn, header, entity_id, template_id, coalesce(variables, []) AS template_variables, body,
    CASE WHEN is_short_gsm7 THEN 'gsm7' WHEN body IS NOT NULL THEN encoding_of(body) END AS encoding,
    CASE WHEN is_short_gsm7 THEN 1 WHEN body IS NOT NULL THEN segments_of(body) END AS n_segments,
    coalesce(planned, submitted) AS planned_at, coalesce(submitted, planned) AS submitted_at,
    CASE WHEN result IS NOT NULL THEN result
        WHEN gateway_message_id IS NOT NULL OR getvariable('is_accepted') THEN 'accepted'
        WHEN submitted IS NOT NULL THEN 'unclear' END AS result,
    submit_code AS code, gateway_message_id,
    CASE
        WHEN broken IS NOT NULL THEN broken
        WHEN msisdn IS NULL THEN 'msisdn is empty'
        WHEN number IS NULL THEN no_number(msisdn)
        WHEN campaign_id IS NULL THEN 'campaign_id is empty'
        WHEN planned_at IS NOT NULL AND planned IS NULL THEN no_time('planned_at', planned_at)
        WHEN submitted_at IS NOT NULL AND submitted IS NULL THEN no_time('submitted_at', submitted_at)
        WHEN result NOT IN ('accepted', 'refused', 'unclear', 'unsent') THEN 'submit_result is not accepted, refused, unclear or unsent'
        WHEN lower(route) NOT IN ('domestic', 'international') THEN 'route ' || getvariable('no_route')
        WHEN lower(route) <> its_route THEN 'route ' || getvariable('other_route') || its_route
        WHEN template_variables IS NOT NULL AND variables IS NULL THEN 'template_variables ' || getvariable('no_list')
        WHEN NOT is_short_gsm7 AND regexp_matches(body, getvariable('control_in_text')) THEN 'body ' || getvariable('why_control')
        WHEN regexp_full_match(body, getvariable('no_text')) THEN 'body ' || getvariable('why_no_value')
        ELSE coalesce(lost_digits('message_id', message_id), lost_digits('campaign_id', campaign_id),
            lost_digits('template_id', template_id), lost_digits('entity_id', entity_id),
            lost_digits('gateway_message_id', gateway_message_id),
            no_value('message_id', message_id), no_value('campaign_id', campaign_id), no_value('template_id', template_id),
            no_value('entity_id', entity_id), no_value('gateway_message_id', gateway_message_id), no_value('header', header),
            CASE WHEN NOT is_plain THEN coalesce(unfit('message_id', message_id), unfit('campaign_id', campaign_id),
                unfit('template_id', template_id), unfit('entity_id', entity_id), unfit('gateway_message_id', gateway_message_id),
                unfit('header', header), unfit('gateway', gateway), unfit('submit_code', submit_code)) END)
    END AS reason
FROM read

-- Answers to attempts that were ingested before them.
UPDATE submissions SET answered_at = r.answered_at, http_status = r.http_status, code = r.code,
    result = r.result, gateway_message_id = r.gateway_message_id, detail = r.detail
FROM answers r
WHERE submissions.attempt_id = r.attempt_id AND submissions.message_id = r.message_id
    AND submissions.answered_at IS NULL

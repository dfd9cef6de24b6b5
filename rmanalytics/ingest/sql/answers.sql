-- answers: one row per message that an answer in the chunk speaks of.
CREATE OR REPLACE TEMP TABLE answers AS
SELECT attempt_id, answered_at, http_status, response.*
FROM (SELECT attempt_id, answered_at, http_status, unnest(responses) AS response FROM staged
      WHERE is_good AND answered_at IS NOT NULL)

-- Among imports, the last one wins.
DELETE FROM messages WHERE batch_id LIKE 'import-%' AND (planned_at, message_id) IN (
    SELECT (planned_at, message_id) FROM known_messages WHERE message_id IN (SELECT message_id FROM new_messages)
);
INSERT INTO messages BY NAME FROM new_messages ORDER BY planned_at;
DELETE FROM submissions WHERE attempt_id LIKE 'import-%' AND (planned_at, message_id) IN (
    SELECT (planned_at, message_id) FROM known_submissions WHERE message_id IN (SELECT message_id FROM new_submissions)
);
INSERT INTO submissions BY NAME FROM new_submissions ORDER BY planned_at;

-- Among imports, the last one wins.
DELETE FROM messages WHERE batch_id LIKE 'import-%' AND message_id IN (
    SELECT message_id FROM new_messages WHERE message_id IN (SELECT message_id FROM known_messages)
);
INSERT INTO messages BY NAME FROM new_messages;
DELETE FROM submissions WHERE attempt_id LIKE 'import-%' AND message_id IN (
    SELECT message_id FROM new_submissions WHERE message_id IN (SELECT message_id FROM known_submissions)
);
INSERT INTO submissions BY NAME FROM new_submissions;

-- A send's own plan takes the place of what an import told of the message.
DELETE FROM messages WHERE batch_id LIKE 'import-%' AND message_id IN (SELECT message_id FROM staged WHERE is_good)

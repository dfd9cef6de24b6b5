-- A send's own plan replaces what an import reported about the message.
DELETE FROM messages WHERE batch_id LIKE 'import-%' AND message_id IN (SELECT message_id FROM staged WHERE is_good)

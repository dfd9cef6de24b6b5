-- A send's own plan replaces what an import reported about the message.
DELETE FROM messages USING known k
WHERE k.is_import AND messages.planned_at = k.planned_at AND messages.message_id = k.message_id

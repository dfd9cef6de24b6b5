-- n_resolved: how many messages of the batch had no clear answer, and have a DLR since.
SELECT count(DISTINCT message_id) FROM dlrs SEMI JOIN (
    SELECT message_id FROM submissions SEMI JOIN chunks USING (message_id) GROUP BY message_id
    HAVING NOT bool_or(result = 'accepted') AND bool_or(result = 'unclear')
) USING (message_id)

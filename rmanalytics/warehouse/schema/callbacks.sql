-- callbacks: one row per HTTP request that reached the collector.
CREATE TABLE IF NOT EXISTS callbacks (
    callback_id VARCHAR, received_at TIMESTAMPTZ, gateway VARCHAR, method VARCHAR, query VARCHAR,
    content_type VARCHAR, body VARCHAR, n_dlrs INTEGER, n_unread INTEGER, unread_reason VARCHAR
);
COMMENT ON TABLE callbacks IS 'One row per HTTP request that reached the collector, word for word.';
COMMENT ON COLUMN callbacks.callback_id IS 'Our id of the request.';
COMMENT ON COLUMN callbacks.received_at IS 'When it arrived.';
COMMENT ON COLUMN callbacks.gateway IS 'The gateway named in the callback''s path.';
COMMENT ON COLUMN callbacks.method IS 'GET or POST.';
COMMENT ON COLUMN callbacks.query IS 'Raw query string, still percent-encoded.';
COMMENT ON COLUMN callbacks.content_type IS 'Content-Type header.';
COMMENT ON COLUMN callbacks.body IS 'Raw body; bytes that are no UTF-8 stand as Latin-1.';
COMMENT ON COLUMN callbacks.n_dlrs IS 'DLRs found in it; 0: nobody can parse it.';
COMMENT ON COLUMN callbacks.n_unread IS 'Items of it that could not be read, and numbers and ids in its DLRs that lost digits.';
COMMENT ON COLUMN callbacks.unread_reason IS 'Why they could not be read, such as a body that is too large; else null.';

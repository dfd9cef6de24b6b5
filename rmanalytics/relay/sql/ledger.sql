-- item: one row per (meta, event) of CleverTap, and per callback that is passed on as it came.
CREATE TABLE IF NOT EXISTS item (
    id INTEGER PRIMARY KEY, channel TEXT NOT NULL, key TEXT NOT NULL, event TEXT NOT NULL, payload BLOB,
    state INTEGER NOT NULL, due REAL NOT NULL, most INTEGER NOT NULL, n_tries INTEGER NOT NULL, reason TEXT,
    received_at REAL NOT NULL, changed_at REAL NOT NULL, UNIQUE (channel, key, event)
);
CREATE INDEX IF NOT EXISTS item_waiting ON item (channel, due, id) WHERE state = 0;
CREATE INDEX IF NOT EXISTS item_in_flight ON item (channel) WHERE state = 1;
CREATE INDEX IF NOT EXISTS item_stuck ON item (channel, state, id) WHERE state > 2;
-- cursor: one row per segment and reader, how far it was read.
CREATE TABLE IF NOT EXISTS cursor (reader TEXT, segment TEXT, next_offset INTEGER NOT NULL, PRIMARY KEY (reader, segment));
-- sent: one row per gateway_message_id of our own submissions whose message id is a meta; null: of several messages.
CREATE TABLE IF NOT EXISTS sent (gateway_message_id TEXT PRIMARY KEY, meta TEXT) WITHOUT ROWID;
-- homeless: one row per event whose meta is not known yet, while submissions of ours may still tell it.
CREATE TABLE IF NOT EXISTS homeless (
    gateway_message_id TEXT, event TEXT, ts INTEGER, code TEXT, description TEXT, received_at REAL,
    taken_at REAL, PRIMARY KEY (gateway_message_id, event)
) WITHOUT ROWID;
-- other_side: one row per channel, how it fares.
CREATE TABLE IF NOT EXISTS other_side (
    channel TEXT PRIMARY KEY, n_failures INTEGER NOT NULL, retry_at REAL NOT NULL, last_ok_at REAL, last_error TEXT,
    last_error_at REAL
);
-- destination: one row per channel, a digest of the URL that its items were last tried at.
CREATE TABLE IF NOT EXISTS destination (channel TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;
-- counter: one row per channel and name.
CREATE TABLE IF NOT EXISTS counter (channel TEXT, name TEXT, n INTEGER NOT NULL, PRIMARY KEY (channel, name)) WITHOUT ROWID;

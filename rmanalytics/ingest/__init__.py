"""From the journal to the database. Imports nothing: the collector reads `progress` and must stay small."""

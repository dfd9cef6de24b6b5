"""DLT: which messages do not match their registered template, where, why, and what would mend it."""

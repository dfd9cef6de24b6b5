"""By which settings the DLRs in the database were read, so that a later change of one is noticed.

DLRs are translated once, as they are ingested: their times by the gateway's time zone, their words by the table of
status words. After a change the old ones still say what they said.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from rmanalytics.config import PREFIX, Settings

_STATUS_WORDS = f"{PREFIX}STATUS_WORDS"


def current(settings: Settings) -> dict[str, str]:
    """Return the settings by which DLRs are read now.

    >>> current(Settings())["RMANALYTICS_ROUTE_MOBILE_TIMEZONE"]
    'Asia/Kolkata'
    """
    zones = {name: getattr(settings, name) for name in Settings.model_fields if name.endswith("_timezone")}
    return {PREFIX + name.upper(): zone for name, zone in zones.items()} | {
        _STATUS_WORDS: _digest(settings.status_words)
    }


def _digest(path: Path | None) -> str:
    """Return a short text that is another one for other words; empty without a file."""
    try:
        return sha256(path.read_bytes()).hexdigest()[:12] if path else ""
    except OSError as error:  # whoever needs the words says so
        return error.strerror or "cannot be read"


def note(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write the settings down where no DLR is there yet; a database of before takes those of now."""
    is_empty = not connection.execute("SELECT count(*) FROM (FROM dlrs LIMIT 1)").fetchall()[0][0]
    known = _known(connection)
    for setting, value in current(settings).items():
        if setting not in known or (is_empty and known[setting] != value):
            connection.execute("INSERT OR REPLACE INTO translations VALUES ($1, $2)", [setting, value])


def earlier(connection: Any, settings: Settings) -> dict[str, str]:
    """Return the settings that changed since DLRs were read by them, with what they were then."""
    known = {}
    with suppress(duckdb.CatalogException):  # no ingest since an earlier release
        known = _known(connection)
    return {
        setting: known[setting]
        for setting, value in current(settings).items()
        if known.get(setting, value) != value
    }


def outdated(connection: Any, settings: Settings) -> str:
    """Return which settings changed since DLRs were read by them, and what to do; empty where none did."""
    now = current(settings)
    changed = [
        f"{setting} (then {then}, now {now[setting]})" if setting != _STATUS_WORDS else setting
        for setting, then in earlier(connection, settings).items()
    ]
    if not changed:
        return ""
    fix = f"delete {settings.database} and run `rmanalytics ingest` (the journal keeps everything)"
    return f"DLRs were read by other settings: {', '.join(changed)}: {fix}"


def _known(connection: Any) -> dict[str, str]:
    return dict(connection.execute("SELECT setting, value FROM translations").fetchall())
